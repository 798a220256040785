#include "api/containers/handlers.hpp"

namespace gantry::api {

Task<void> post_container_unpause(Services& services, Request& request, Reply& reply) {
  co_await services.containers.unpause(request.param("id"));
  reply.empty(204);
}

} // namespace gantry::api
