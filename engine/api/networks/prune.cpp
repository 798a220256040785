#include "api/networks/handlers.hpp"
#include "api/networks/list_filter.hpp"
#include "networks/network_service.hpp"

namespace gantry::api {

namespace {

/// As in Docker, a stopped container does not keep its network.
bool stays(Services& services, const gantry::networks::Network& network) {
  return network.is_builtin() || network.config_only || !services.networks.members(network.id).empty();
}

std::vector<std::string> remove_unused(Services& services, const NetworkFilter& filter) {
  std::vector<std::string> deleted;
  for (const auto& network : services.networks.list()) {
    if (stays(services, *network) || !filter.matches(*network, false)) continue;
    try {
      services.networks.remove(network->id);
      deleted.push_back(network->name);
    } catch (const Error& e) {
      // Got a container meanwhile, or was removed by somebody else.
      if (e.code() != Code::forbidden && e.code() != Code::not_found) throw;
    }
  }
  return deleted;
}

} // namespace

Task<void> post_network_prune(Services& services, Request& request, Reply& reply) {
  const NetworkFilter filter(request.query.get("filters"), {"label", "label!", "until"});
  std::vector<std::string> deleted;
  auto work = [&] { deleted = remove_unused(services, filter); };
  co_await on(services.pool, work);
  services.events.publish({"network", "prune", "", {{"reclaimed", "0"}}, 0});
  Json result;
  result["NetworksDeleted"] = deleted.empty() ? Json(nullptr) : Json(deleted);
  reply.json(200, result);
}

} // namespace gantry::api
