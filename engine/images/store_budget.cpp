#include "images/store_budget.hpp"

#include <algorithm>
#include <map>

namespace gantry::images {
namespace {

/// The images that are left at one moment of a plan, and who keeps which layer.
class Rest {
 public:
  Rest(const Catalogue& all, const Budget& budget, const Holds& holds) : all_(all), budget_(budget), holds_(holds) {
    for (const auto& chain : holds.chains) ++users_[chain];
    for (const auto& [id, image] : all.images) {
      images_[id] = image;
      if (!image->parent.empty()) ++children_[image->parent];
      for (const auto& chain : image->chains) ++users_[chain];
    }
    for (const auto& [chain, layer] : all.layers) ++blobs_[layer.blob];
    find_useful();
  }

  /// Null when there is none.
  ImagePtr oldest() const {
    ImagePtr found;
    for (const auto& [id, image] : images_) {
      if (!useful_.contains(id) || children(id) > 0) continue;
      if (!found || holds_.last_used_ns(*image) < holds_.last_used_ns(*found)) found = image;
    }
    return found;
  }

  /// Bytes that are free then.
  std::uint64_t drop(const Image& image) {
    images_.erase(image.id);
    if (!image.parent.empty()) --children_[image.parent];
    std::uint64_t freed = 0;
    for (const auto& chain : image.chains) {
      const auto layer = all_.layers.find(chain);
      if (--users_[chain] > 0 || layer == all_.layers.end()) continue;
      freed += layer->second.size;
      if (--blobs_[layer->second.blob] == 0) freed += holds_.blob_bytes(layer->second);
    }
    return freed;
  }

 private:
  int children(const std::string& id) const {
    const auto at = children_.find(id);
    return at == children_.end() ? 0 : at->second;
  }

  bool may_go(const Image& image) const {
    return holds_.last_used_ns(image) <= budget_.used_after_ns && !holds_.used(image) && !holds_.tops.contains(image.top_layer);
  }

  /// May go, and so may everything that was made of it; a layer goes when all of its images do.
  void find_useful() {
    std::map<std::string, int> left = users_;
    for (const auto& [id, image] : images_)
      if (may_go(*image)) candidates_.insert(id);
    for (const auto& [id, image] : images_)
      if (!candidates_.contains(id)) keep_parents(*image);
    for (const auto& id : candidates_)
      for (const auto& chain : images_.at(id)->chains) --left[chain];
    for (const auto& id : candidates_)
      for (const auto& chain : images_.at(id)->chains)
        if (left[chain] == 0) useful_.insert(id);
    // An image that frees nothing itself may stand in the way of its parent.
    const auto direct = useful_;
    for (const auto& id : candidates_)
      if (is_made_of(*images_.at(id), direct)) useful_.insert(id);
  }

  void keep_parents(const Image& image) {
    for (auto at = images_.find(image.parent); at != images_.end(); at = images_.find(at->second->parent))
      if (candidates_.erase(at->first) == 0) return;
  }

  bool is_made_of(const Image& image, const std::set<std::string>& ancestors) const {
    for (auto at = images_.find(image.parent); at != images_.end(); at = images_.find(at->second->parent))
      if (ancestors.contains(at->first)) return true;
    return false;
  }

  const Catalogue& all_;
  const Budget& budget_;
  const Holds& holds_;
  std::map<std::string, ImagePtr> images_;
  std::map<std::string, int> users_, children_, blobs_;
  std::set<std::string> candidates_, useful_;
};

} // namespace

std::uint64_t bytes_of(const Catalogue& catalogue, const BlobBytes& blob_bytes) {
  std::uint64_t total = 0;
  std::set<std::string> blobs, of_images;
  for (const auto& [id, image] : catalogue.images) of_images.insert(image->chains.begin(), image->chains.end());
  for (const auto& [chain, layer] : catalogue.layers) {
    if (!of_images.contains(chain)) continue; // the build cache's, which has a budget of its own
    total += layer.size;
    if (blobs.insert(layer.blob).second) total += blob_bytes(layer);
  }
  return total;
}

std::vector<Surplus> plan_deletions(const Catalogue& catalogue, const Budget& budget, const Holds& holds) {
  std::vector<Surplus> plan;
  if (budget.keep_bytes == 0) return plan;
  auto bytes = bytes_of(catalogue, holds.blob_bytes);
  if (bytes <= budget.keep_bytes) return plan;
  Rest rest(catalogue, budget, holds);
  while (bytes > budget.keep_bytes) {
    const auto image = rest.oldest();
    if (!image) break;
    const auto freed = rest.drop(*image);
    bytes -= std::min(bytes, freed);
    plan.push_back({image, freed, holds.last_used_ns(*image)});
  }
  return plan;
}

} // namespace gantry::images
