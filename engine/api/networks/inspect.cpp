#include "api/networks/handlers.hpp"
#include "api/networks/wire.hpp"

namespace gantry::api {

Task<void> get_network(Services& services, Request& request, Reply& reply) {
  const std::string& scope = request.query.get("scope");
  const auto network = services.networks.find(request.param("id"));
  if (!scope.empty() && scope != "local") throw not_found("network " + request.param("id") + " not found");
  const auto members = services.networks.members(network->id);
  reply.json(200, network_json(*network, &members, request.version));
  co_return;
}

} // namespace gantry::api
