#include "api/networks/handlers.hpp"
#include "api/networks/wire.hpp"

namespace gantry::api {

Task<void> post_network_create(Services& services, Request& request, Reply& reply) {
  auto wanted = network_request(request.json());
  gantry::networks::Created created;
  auto work = [&] { created = services.networks.create(wanted); };
  co_await on(services.pool, work);
  Json body{{"Id", created.id}, {"Warning", created.warning}};
  reply.json(201, body);
}

} // namespace gantry::api
