#include "api/routes.hpp"

namespace gantry::api {

namespace {

Task<void> refuse_swarm(Services&, Request&, Reply&) {
  throw unavailable(
      "This node is not a swarm manager. Use \"docker swarm init\" or \"docker swarm join\" to connect this node to swarm and "
      "try again.");
  co_return;
}

Task<void> refuse_swarm_leave(Services&, Request&, Reply&) {
  throw unavailable("This node is not part of a swarm");
  co_return;
}

} // namespace

void add_swarm_routes(Router& router) {
  router.add(Method::post, "/swarm/leave", refuse_swarm_leave);
  for (const auto* family : {"/swarm", "/nodes", "/services", "/tasks", "/secrets", "/configs"}) {
    for (const auto method : {Method::get, Method::post, Method::del}) {
      router.add(method, family, refuse_swarm);
      router.add(method, std::string(family) + "/{rest...}", refuse_swarm);
    }
  }
}

} // namespace gantry::api
