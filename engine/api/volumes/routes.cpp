#include "api/routes.hpp"
#include "api/filters.hpp"
#include "api/services.hpp"

namespace gantry::api {

namespace {

Task<void> get_volumes(Services&, Request& request, Reply& reply) {
  const Filters filters(request.query.get("filters"), {"dangling", "driver", "label", "name"});
  Json body;
  body["Volumes"] = Json::array();
  body["Warnings"] = nullptr;
  reply.json(200, body);
  co_return;
}

Task<void> find_volume(Services&, Request& request, Reply&) {
  throw not_found("get " + request.param("name") + ": no such volume");
  co_return;
}

Task<void> post_volume_create(Services&, Request&, Reply&) {
  throw not_implemented("this engine has no volume driver yet: bind-mount a host directory instead");
  co_return;
}

} // namespace

void add_volume_routes(Router& router) {
  router.add(Method::get, "/volumes", get_volumes);
  router.add(Method::post, "/volumes/create", post_volume_create);
  router.add(Method::get, "/volumes/{name}", find_volume);
  router.add(Method::del, "/volumes/{name}", find_volume);
}

} // namespace gantry::api
