#include "api/images/handlers.hpp"

namespace gantry::api {

Task<void> post_image_tag(Services& services, Request& request, Reply& reply) {
  auto work = [&] { services.images.tag(request.param("name"), request.query.get("repo"), request.query.get("tag")); };
  co_await on(services.pool, work);
  reply.empty(201);
}

} // namespace gantry::api
