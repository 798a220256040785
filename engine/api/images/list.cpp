#include <algorithm>
#include <map>

#include "api/images/handlers.hpp"
#include "api/images/list_filter.hpp"
#include "api/images/manifests_wire.hpp"
#include "api/images/shared_size.hpp"
#include "api/images/wire.hpp"
#include "base/error.hpp"

namespace gantry::api {
namespace {

using gantry::images::ImagePtr;

std::vector<ImagePtr> newest_first(std::vector<ImagePtr> images) {
  std::stable_sort(images.begin(), images.end(), [](const auto& a, const auto& b) { return a->created_ns > b->created_ns; });
  return images;
}

/// To the summaries of these images.
void add_all_manifests(Services& services, const gantry::images::Catalogue& catalogue, const std::vector<ImagePtr>& images,
                       Json& summaries) {
  const auto containers = containers_by_image(services.containers);
  for (std::size_t i = 0; i < images.size(); ++i) {
    try {
      const auto target = target_of(services.images.store(), platforms_beside(catalogue, images[i]));
      add_manifests(summaries[i], services.images.store(), target, containers);
      // Of all that is shown together.
      std::uint64_t size = 0;
      for (const auto& manifest : summaries[i]["Manifests"]) size += manifest["Size"]["Total"].get<std::uint64_t>();
      summaries[i]["Size"] = size;
    } catch (const Error& e) {
      if (e.code() != Code::not_found) throw; // it has just gone
    }
  }
}

} // namespace

Task<void> get_images(Services& services, Request& request, Reply& reply) {
  // Of clients from before there were filters.
  const std::string old = request.version < ApiVersion{1, 41} ? request.query.get("filter") : "";
  const ImageFilter filter(services.images, request.query.get("filters"), old);
  const bool all = request.query.flag("all");
  const auto images = newest_first(services.images.list());
  const SharedSizes shared(images);
  const auto parents = parents_of(images);
  std::map<std::string, int> containers;
  for (const auto& container : services.containers.list()) ++containers[container->image_id];
  const bool manifests = request.version >= ApiVersion{1, 47} && request.query.flag("manifests");
  const auto catalogue = services.images.store().catalogue();
  std::vector<ImagePtr> listed;
  Json list = Json::array();
  for (const auto& image : images) {
    if (!filter.matches(*image)) continue;
    if (is_intermediate(*image, parents) && (!all || filter.dangling_only())) continue;
    if (manifests && is_second(*catalogue, *image)) continue; // among the manifests of its name
    ImageFigures figures;
    if (request.version >= ApiVersion{1, 51}) figures.containers = containers[image->id];
    if (request.query.flag("shared-size")) figures.shared_size = shared.of(*image);
    list.push_back(image_summary(*image, filter.tags(*image), figures, request.version));
    listed.push_back(image);
  }
  if (manifests) {
    auto work = [&] { add_all_manifests(services, *catalogue, listed, list); };
    co_await on(services.pool, work);
    if (request.version < ApiVersion{1, 48})
      for (auto& summary : list) summary.erase("Descriptor");
  }
  reply.json(200, list);
  co_return;
}

} // namespace gantry::api
