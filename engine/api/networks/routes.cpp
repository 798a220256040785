#include "api/routes.hpp"
#include "api/networks/handlers.hpp"

namespace gantry::api {

void add_network_routes(Router& router) {
  router.add(Method::get, "/networks", get_networks);
  router.add(Method::get, "/networks/", get_networks);
  router.add(Method::post, "/networks/create", post_network_create);
  router.add(Method::post, "/networks/prune", post_network_prune, {Body::memory, ApiVersion{1, 25}});
  router.add(Method::get, "/networks/{id}", get_network);
  router.add(Method::post, "/networks/{id}/connect", post_network_connect);
  router.add(Method::post, "/networks/{id}/disconnect", post_network_disconnect);
  router.add(Method::post, "/networks/{id}/update", post_network_update);
  router.add(Method::del, "/networks/{id}", delete_network);
}

} // namespace gantry::api
