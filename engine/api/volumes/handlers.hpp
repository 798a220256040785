#pragma once

#include "api/http.hpp"
#include "api/services.hpp"

// One handler per file of this folder.
namespace gantry::api {

Task<void> get_volumes(Services&, Request&, Reply&);
Task<void> post_volume_create(Services&, Request&, Reply&);
Task<void> get_volume(Services&, Request&, Reply&);
Task<void> delete_volume(Services&, Request&, Reply&);
Task<void> post_volume_prune(Services&, Request&, Reply&);
Task<void> post_volume_clone(Services&, Request&, Reply&);
Task<void> post_volume_rename(Services&, Request&, Reply&);
Task<void> post_volume_snapshot(Services&, Request&, Reply&);
Task<void> get_volume_export(Services&, Request&, Reply&);
Task<void> post_volume_import(Services&, Request&, Reply&);

} // namespace gantry::api
