#include "api/images/handlers.hpp"
#include "api/images/platform_image.hpp"
#include "api/images/wire.hpp"

namespace gantry::api {

Task<void> get_image_history(Services& services, Request& request, Reply& reply) {
  const auto platform = request.version >= ApiVersion{1, 48} ? request.query.get("platform") : "";
  reply.json(200, image_history(*image_for(services.images, request.param("name"), platform)));
  co_return;
}

} // namespace gantry::api
