#include "api/networks/handlers.hpp"
#include "containers/json_reader.hpp"
#include "networks/network_service.hpp"

namespace gantry::api {

Task<void> post_network_disconnect(Services& services, Request& request, Reply& reply) {
  const Json body = request.json();
  const gantry::containers::JsonReader reader(body, "");
  std::string container;
  bool force = false;
  reader.read("Container", container);
  reader.read("Force", force);
  if (container.empty()) throw invalid("invalid name or ID supplied: \"\"");
  if (!force) (void)services.networks.find(request.param("id"));
  co_await services.containers.disconnect(container, request.param("id"), force);
  reply.empty(200);
}

} // namespace gantry::api
