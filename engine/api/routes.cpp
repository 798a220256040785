#include "api/routes.hpp"

#include "api/images/routes.hpp"

namespace gantry::api {

Router make_router() {
  Router router;
  add_system_routes(router);
  add_container_routes(router);
  add_exec_routes(router);
  add_image_routes(router);
  add_network_routes(router);
  add_volume_routes(router);
  add_swarm_routes(router);
  add_managed_plugin_routes(router);
  add_build_routes(router);
  return router;
}

} // namespace gantry::api
