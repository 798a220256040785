#include "api/routes.hpp"

#include "api/system/handlers.hpp"

namespace gantry::api {

void add_system_routes(Router& router) {
  router.add(Method::get, "/_ping", get_ping);
  router.add(Method::head, "/_ping", get_ping);
  router.add(Method::get, "/version", get_version);
  router.add(Method::get, "/info", get_info);
  router.add(Method::get, "/events", get_events);
  router.add(Method::get, "/system/df", get_disk_usage);
  router.add(Method::post, "/auth", post_auth);
  router.add(Method::get, "/plugins", get_docker_plugins);
  router.add(Method::post, "/gantry/system/check", post_system_check);
  router.add(Method::post, "/gantry/system/gc", post_system_gc);
  router.add(Method::get, "/gantry/plugins", get_gantry_plugins);
  router.add(Method::options, "/{any...}", options_any);
}

} // namespace gantry::api
