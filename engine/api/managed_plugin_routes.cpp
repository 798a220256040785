#include "api/filters.hpp"
#include "api/routes.hpp"

// Docker's managed plugins (containers that it pulls, enables and configures) do not exist here. Clients need the empty list, and
// whoever names one is told that there is none of that name.
namespace gantry::api {

namespace {

Task<void> get_plugins(Services&, Request& request, Reply& reply) {
  const Filters filters(request.query.get("filters"), {"capability", "enabled"});
  filters.flag("enabled", false);
  reply.json(200, Json::array());
  co_return;
}

Task<void> refuse_plugin(Services&, Request& request, Reply&) {
  throw not_found("plugin \"" + request.param("name") + "\" not found");
  co_return;
}

Task<void> refuse_install(Services&, Request&, Reply&) {
  throw not_implemented(
      "managed plugins are not supported: drivers are shared objects or legacy plugins, named in the daemon's configuration");
  co_return;
}

} // namespace

void add_managed_plugin_routes(Router& router) {
  router.add(Method::get, "/plugins", get_plugins);
  router.add(Method::get, "/plugins/privileges", refuse_install);
  router.add(Method::post, "/plugins/pull", refuse_install);
  router.add(Method::post, "/plugins/create", refuse_install, {Body::stream, oldest_version});
  router.add(Method::get, "/plugins/{name...}/json", refuse_plugin);
  router.add(Method::del, "/plugins/{name...}", refuse_plugin);
  for (const auto* verb : {"enable", "disable", "push", "set", "upgrade"})
    router.add(Method::post, std::string("/plugins/{name...}/") + verb, refuse_plugin);
}

} // namespace gantry::api
