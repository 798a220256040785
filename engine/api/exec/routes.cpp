#include "api/routes.hpp"

#include "api/exec/handlers.hpp"

namespace gantry::api {

void add_exec_routes(Router& router) {
  router.add(Method::post, "/containers/{id}/exec", post_exec_create);
  router.add(Method::post, "/exec/{id}/start", post_exec_start);
  router.add(Method::post, "/exec/{id}/resize", post_exec_resize);
  router.add(Method::get, "/exec/{id}/json", get_exec);
}

} // namespace gantry::api
