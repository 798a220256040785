#include "api/containers/handlers.hpp"
#include "api/containers/stop_options.hpp"

namespace gantry::api {

Task<void> post_container_stop(Services& services, Request& request, Reply& reply) {
  const auto options = read_stop_options(request);
  const auto changed = co_await services.containers.stop(request.param("id"), options);
  reply.empty(changed == gantry::containers::Changed::yes ? 204 : 304);
}

} // namespace gantry::api
