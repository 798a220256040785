#include "api/containers/handlers.hpp"

namespace gantry::api {

Task<void> post_container_kill(Services& services, Request& request, Reply& reply) {
  co_await services.containers.kill(request.param("id"), request.query.get("signal"));
  reply.empty(204);
}

} // namespace gantry::api
