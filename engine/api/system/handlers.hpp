#pragma once

#include "api/http.hpp"
#include "api/services.hpp"

// One handler per file of this folder.
namespace gantry::api {

Task<void> get_ping(Services&, Request&, Reply&);
Task<void> get_version(Services&, Request&, Reply&);
Task<void> get_info(Services&, Request&, Reply&);
Task<void> get_events(Services&, Request&, Reply&);
Task<void> get_disk_usage(Services&, Request&, Reply&);
Task<void> post_system_check(Services&, Request&, Reply&);
Task<void> post_system_gc(Services&, Request&, Reply&);
Task<void> post_auth(Services&, Request&, Reply&);
Task<void> get_docker_plugins(Services&, Request&, Reply&);
Task<void> get_gantry_plugins(Services&, Request&, Reply&);
Task<void> options_any(Services&, Request&, Reply&);

} // namespace gantry::api
