#include "api/networks/handlers.hpp"
#include "networks/network_service.hpp"

namespace gantry::api {

Task<void> delete_network(Services& services, Request& request, Reply& reply) {
  const std::string reference = request.param("id");
  auto work = [&] { services.networks.remove(reference); };
  co_await on(services.pool, work);
  reply.empty(204);
}

} // namespace gantry::api
