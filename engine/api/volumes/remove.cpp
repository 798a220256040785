#include "api/volumes/handlers.hpp"

namespace gantry::api {

Task<void> delete_volume(Services& services, Request& request, Reply& reply) {
  auto job = [&services, name = request.param("name"), force = request.query.flag("force")] {
    services.volumes.remove(name, force);
  };
  co_await on(services.pool, job);
  reply.empty(204);
}

} // namespace gantry::api
