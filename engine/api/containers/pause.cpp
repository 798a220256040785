#include "api/containers/handlers.hpp"

namespace gantry::api {

Task<void> post_container_pause(Services& services, Request& request, Reply& reply) {
  co_await services.containers.pause(request.param("id"));
  reply.empty(204);
}

} // namespace gantry::api
