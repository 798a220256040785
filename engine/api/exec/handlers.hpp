#pragma once

#include "api/http.hpp"
#include "api/services.hpp"

// One handler per file of this folder.
namespace gantry::api {

Task<void> post_exec_create(Services&, Request&, Reply&);
Task<void> post_exec_start(Services&, Request&, Reply&);
Task<void> post_exec_resize(Services&, Request&, Reply&);
Task<void> get_exec(Services&, Request&, Reply&);

} // namespace gantry::api
