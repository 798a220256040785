#include "api/containers/handlers.hpp"

namespace gantry::api {

Task<void> post_container_rename(Services& services, Request& request, Reply& reply) {
  co_await services.containers.rename(request.param("id"), request.query.get("name"));
  reply.empty(204);
}

} // namespace gantry::api
