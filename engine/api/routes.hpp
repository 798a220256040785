#pragma once

#include "api/router.hpp"

namespace gantry::api {

void add_system_routes(Router& router);
void add_container_routes(Router& router);
void add_exec_routes(Router& router);
void add_network_routes(Router& router);
void add_volume_routes(Router& router);
void add_swarm_routes(Router& router);
void add_managed_plugin_routes(Router& router);
void add_build_routes(Router& router);

/// Every route of the API.
Router make_router();

} // namespace gantry::api
