#include "api/images/handlers.hpp"
#include "api/progress.hpp"
#include "images/platform.hpp"

namespace gantry::api {

Task<void> post_image_load(Services& services, Request& request, Reply& reply) {
  auto body = std::make_shared<UniqueFd>(request.source->pipe());
  const bool quiet = request.query.flag("quiet", true);
  gantry::images::LoadOptions options;
  if (request.version >= ApiVersion{1, 48}) options.platforms = request.query.all("platform");
  for (const auto& platform : options.platforms) (void)gantry::images::parse_platform(platform);
  auto work = [&images = services.images, body, quiet, options](const gantry::images::Progress& progress) {
    images.load(
        std::move(*body),
        [&](const Json& message) {
          if (!quiet || message.contains("stream")) progress(message);
        },
        options);
  };
  co_await stream_progress(services.pool, reply, work);
}

} // namespace gantry::api
