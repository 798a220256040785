#include "api/networks/handlers.hpp"
#include "api/networks/wire.hpp"

namespace gantry::api {

/// An extension: Docker's networks do not change.
Task<void> post_network_update(Services& services, Request& request, Reply& reply) {
  const Json body = request.json();
  const auto egress = body.is_object() ? egress_of(body) : std::nullopt;
  if (!egress) throw invalid("Gantry.Egress: a list of destinations is expected");
  auto work = [&] { services.networks.set_egress(request.param("id"), *egress); };
  co_await on(services.pool, work);
  reply.empty(200);
}

} // namespace gantry::api
