#include "api/containers/handlers.hpp"
#include "api/containers/stop_options.hpp"

namespace gantry::api {

Task<void> post_container_restart(Services& services, Request& request, Reply& reply) {
  const auto options = read_stop_options(request);
  co_await services.containers.restart(request.param("id"), options);
  reply.empty(204);
}

} // namespace gantry::api
