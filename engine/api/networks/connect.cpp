#include "api/networks/handlers.hpp"
#include "containers/network_json.hpp"
#include "networks/network_service.hpp"

namespace gantry::api {

Task<void> post_network_connect(Services& services, Request& request, Reply& reply) {
  const Json body = request.json();
  const gantry::containers::JsonReader reader(body, "");
  std::string container;
  reader.read("Container", container);
  if (container.empty()) throw invalid("invalid name or ID supplied: \"\"");
  gantry::networks::EndpointSettings settings;
  if (const Json* endpoint = reader.find("EndpointConfig"))
    settings = gantry::containers::endpoint_settings_from(gantry::containers::JsonReader(*endpoint, "EndpointConfig"));
  // The network is told first, as in Docker.
  const auto network = services.networks.find(request.param("id"));
  co_await services.containers.connect(container, network->id, settings);
  reply.empty(200);
}

} // namespace gantry::api
