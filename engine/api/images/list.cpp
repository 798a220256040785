#include <algorithm>
#include <map>

#include "api/images/handlers.hpp"
#include "api/images/list_filter.hpp"
#include "api/images/shared_size.hpp"
#include "api/images/wire.hpp"

namespace gantry::api {
namespace {

using gantry::images::ImagePtr;

std::vector<ImagePtr> newest_first(std::vector<ImagePtr> images) {
  std::stable_sort(images.begin(), images.end(), [](const auto& a, const auto& b) { return a->created_ns > b->created_ns; });
  return images;
}

} // namespace

Task<void> get_images(Services& services, Request& request, Reply& reply) {
  const ImageFilter filter(services.images, request.query.get("filters"));
  const bool all = request.query.flag("all");
  const auto images = newest_first(services.images.list());
  const SharedSizes shared(images);
  const auto parents = parents_of(images);
  std::map<std::string, int> containers;
  for (const auto& container : services.containers.list()) ++containers[container->image_id];
  Json list = Json::array();
  for (const auto& image : images) {
    if (!filter.matches(*image)) continue;
    if (is_intermediate(*image, parents) && (!all || filter.dangling_only())) continue;
    ImageFigures figures;
    if (request.version >= ApiVersion{1, 51}) figures.containers = containers[image->id];
    if (request.query.flag("shared-size")) figures.shared_size = shared.of(*image);
    list.push_back(image_summary(*image, filter.tags(*image), figures, request.version));
  }
  reply.json(200, list);
  co_return;
}

} // namespace gantry::api
