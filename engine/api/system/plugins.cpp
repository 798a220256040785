#include "api/system/handlers.hpp"
#include "plugins/registry.hpp"

namespace gantry::api {

/// Gantry's own drivers, for `gantry plugin ls`.
Task<void> get_gantry_plugins(Services& services, Request&, Reply& reply) {
  Json list = Json::array();
  for (const auto& plugin : services.plugins.list()) {
    Json item;
    item["Name"] = plugin.name;
    item["Id"] = plugin.id;
    item["Version"] = plugin.version;
    item["Kind"] = plugin.kind;
    item["State"] = gantry::plugins::to_string(plugin.state);
    item["Reason"] = plugin.reason;
    item["Path"] = plugin.path;
    list.push_back(std::move(item));
  }
  reply.json(200, list);
  co_return;
}

} // namespace gantry::api
