#include "api/images/handlers.hpp"
#include "api/progress.hpp"

namespace gantry::api {

Task<void> post_image_load(Services& services, Request& request, Reply& reply) {
  auto body = std::make_shared<UniqueFd>(request.source->pipe());
  const bool quiet = request.query.flag("quiet", true);
  auto work = [&images = services.images, body, quiet](const gantry::images::Progress& progress) {
    images.load(std::move(*body), [&](const Json& message) {
      if (!quiet || message.contains("stream")) progress(message);
    });
  };
  co_await stream_progress(services.pool, reply, work);
}

} // namespace gantry::api
