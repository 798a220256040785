#include <optional>
#include <set>

#include "api/filters.hpp"
#include "api/images/handlers.hpp"
#include "api/images/wire.hpp"
#include "base/time.hpp"
#include "images/remove_unused.hpp"

namespace gantry::api {
namespace {

using gantry::images::DeletedImage;
using gantry::images::Image;
using gantry::images::ImageService;

/// The filters of a prune: dangling (default true), label, label!, until.
class PruneFilter {
 public:
  explicit PruneFilter(const std::string& text) : filters_(text, {"dangling", "label", "label!", "until"}) {
    if (!filters_.get("until").empty()) until_ns_ = parse_timestamp(filters_.get("until").front());
    dangling_only_ = filters_.flag("dangling", true);
  }

  bool matches(const Image& image) const {
    if (dangling_only_ && !image.repo_tags.empty()) return false;
    if (until_ns_ && image.created_ns >= *until_ns_) return false;
    const auto labels = image_labels(image);
    for (const auto& unwanted : filters_.get("label!"))
      if (match_labels({unwanted}, labels)) return false;
    return match_labels(filters_.get("label"), labels);
  }

 private:
  Filters filters_;
  bool dangling_only_ = true;
  std::optional<std::int64_t> until_ns_;
};

/// By every name, or by id when there is none. An image that got a container or a name meanwhile stays.
void remove_unused(ImageService& images, const Image& image, std::vector<DeletedImage>& deleted) {
  auto names = image.repo_tags;
  names.insert(names.end(), image.repo_digests.begin(), image.repo_digests.end());
  const bool nameless = names.empty();
  if (nameless) names.push_back(image.id);
  for (const auto& name : names) {
    try {
      auto records = nameless ? gantry::images::remove_nameless(images, name) : images.remove(name, false, true);
      deleted.insert(deleted.end(), records.begin(), records.end());
    } catch (const Error& e) {
      if (e.code() != Code::in_use && e.code() != Code::not_found) throw;
    }
  }
}

} // namespace

Task<void> post_image_prune(Services& services, Request& request, Reply& reply) {
  const PruneFilter filter(request.query.get("filters"));
  std::set<std::string> used;
  for (const auto& container : services.containers.list()) used.insert(container->image_id);
  const auto before = services.images.layers_size();
  std::vector<DeletedImage> deleted;
  std::uint64_t partial = 0; // what cancelled pulls left behind
  auto work = [&] {
    const auto images = services.images.list();
    const auto parents = parents_of(images);
    for (const auto& image : images) {
      // What others are made of goes with the last of them.
      if (is_intermediate(*image, parents)) continue;
      if (!used.contains(image->id) && filter.matches(*image)) remove_unused(services.images, *image, deleted);
    }
    partial = services.registries.clean(0);
  };
  co_await on(services.pool, work);
  const auto after = services.images.layers_size();
  const auto reclaimed = (before > after ? before - after : 0) + partial;
  services.events.publish({"image", "prune", "", {{"reclaimed", std::to_string(reclaimed)}}, 0});
  Json result;
  result["ImagesDeleted"] = deleted.empty() ? Json(nullptr) : deleted_images(deleted);
  result["SpaceReclaimed"] = reclaimed;
  reply.json(200, result);
}

} // namespace gantry::api
