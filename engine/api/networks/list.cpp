#include <algorithm>

#include "api/networks/handlers.hpp"
#include "api/networks/list_filter.hpp"
#include "api/networks/wire.hpp"

namespace gantry::api {

Task<void> get_networks(Services& services, Request& request, Reply& reply) {
  const NetworkFilter filter(request.query.get("filters"), {"dangling", "driver", "id", "label", "name", "scope", "type"});
  const bool with_members = request.version < ApiVersion{1, 28};
  Json list = Json::array();
  for (const auto& network : services.networks.list()) {
    const auto members = services.networks.members(network->id);
    if (filter.matches(*network, !members.empty())) list.push_back(network_json(*network, with_members ? &members : nullptr));
  }
  reply.json(200, list);
  co_return;
}

} // namespace gantry::api
