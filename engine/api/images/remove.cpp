#include "api/images/handlers.hpp"
#include "api/images/wire.hpp"

namespace gantry::api {

Task<void> delete_image(Services& services, Request& request, Reply& reply) {
  const auto& query = request.query;
  auto work = [&] { return services.images.remove(request.param("name"), query.flag("force"), !query.flag("noprune")); };
  const auto deleted = co_await on(services.pool, work);
  reply.json(200, deleted_images(deleted));
}

} // namespace gantry::api
