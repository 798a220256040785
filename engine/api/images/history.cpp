#include "api/images/handlers.hpp"
#include "api/images/wire.hpp"

namespace gantry::api {
namespace {

std::vector<gantry::images::ImagePtr> ancestors(const gantry::images::ImageService& images, const gantry::images::Image& image) {
  std::vector<gantry::images::ImagePtr> all;
  for (auto parent = images.get(image.parent); parent; parent = images.get(parent->parent)) all.push_back(parent);
  return all;
}

} // namespace

Task<void> get_image_history(Services& services, Request& request, Reply& reply) {
  const auto platform = request.version >= ApiVersion{1, 48} ? request.query.get("platform") : "";
  const auto image = services.images.resolve(request.param("name"), platform);
  reply.json(200, image_history(*image, ancestors(services.images, *image)));
  co_return;
}

} // namespace gantry::api
