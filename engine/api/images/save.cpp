#include "api/archive_stream.hpp"
#include "api/images/handlers.hpp"
#include "api/images/platform_image.hpp"

namespace gantry::api {

namespace {

/// Of each image there is one platform here: it has to be among those that were asked for.
void check_platforms(const gantry::images::ImageService& images, const std::vector<std::string>& names, const Request& request) {
  if (request.version < ApiVersion{1, 48}) return;
  for (const auto& platform : request.query.all("platform"))
    for (const auto& name : names) image_for(images, name, platform);
}

} // namespace

Task<void> get_saved_images(Services& services, Request& request, Reply& reply) {
  const auto names = request.query.all("names");
  check_platforms(services.images, names, request);
  co_await stream_archive(services.pool, reply, "application/x-tar", services.images.save(names));
}

Task<void> get_saved_image(Services& services, Request& request, Reply& reply) {
  const std::vector<std::string> names{request.param("name")};
  check_platforms(services.images, names, request);
  co_await stream_archive(services.pool, reply, "application/x-tar", services.images.save(names));
}

} // namespace gantry::api
