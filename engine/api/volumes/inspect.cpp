#include "api/volumes/handlers.hpp"
#include "api/volumes/wire.hpp"

namespace gantry::api {

Task<void> get_volume(Services& services, Request& request, Reply& reply) {
  reply.json(200, volume_json(*services.volumes.find(request.param("name"))));
  co_return;
}

} // namespace gantry::api
