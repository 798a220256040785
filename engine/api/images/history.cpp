#include "api/images/handlers.hpp"
#include "api/images/wire.hpp"

namespace gantry::api {

Task<void> get_image_history(Services& services, Request& request, Reply& reply) {
  reply.json(200, image_history(*services.images.resolve(request.param("name"))));
  co_return;
}

} // namespace gantry::api
