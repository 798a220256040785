// What ImageStore deletes: layers without an image, and what a crash left behind.
#include <algorithm>

#include "base/log.hpp"
#include "images/image_store.hpp"
#include "images/uncancelled_call.hpp"

namespace gantry::images {
namespace {

/// Removes a snapshot; one that a container still builds on stays until the next collect_garbage.
void remove_snapshot(StorageDriver& storage, const std::string& name) {
  try {
    UncancelledCall call;
    storage.remove(call, name);
  } catch (const Error& e) {
    if (e.code() != Code::in_use) log::warn("remove layer " + name + ": " + e.what());
  }
}

/// Children before parents, so that the driver accepts each removal.
template <class T, class Name>
std::vector<T> tops_first(std::vector<T> items, Name name) {
  std::vector<T> sorted;
  while (!items.empty()) {
    auto is_top = [&](const T& item) {
      return std::none_of(items.begin(), items.end(), [&](const T& other) { return other.parent == name(item); });
    };
    auto first = std::stable_partition(items.begin(), items.end(), [&](const T& item) { return !is_top(item); });
    if (first == items.end()) first = items.begin(); // a cycle cannot be; never loop on one
    sorted.insert(sorted.end(), first, items.end());
    items.erase(first, items.end());
  }
  return sorted;
}

} // namespace

std::vector<Layer> ImageStore::unreferenced(const Catalogue& catalogue) const {
  std::set<std::string> used(leased_.begin(), leased_.end());
  for (const auto& [id, image] : catalogue.images) used.insert(image->chains.begin(), image->chains.end());
  std::vector<Layer> unused;
  for (const auto& [chain, layer] : catalogue.layers)
    if (!used.contains(chain)) unused.push_back(layer);
  return tops_first(std::move(unused), [](const Layer& layer) { return layer.chain; });
}

std::vector<std::string> ImageStore::sweep(Catalogue& next) {
  auto unused = unreferenced(next);
  if (unused.empty()) return {};
  db_.transaction([&](Transaction& t) {
    for (const auto& layer : unused) t.prepare("DELETE FROM layers WHERE chain = ?").bind(1, layer.chain).step();
  });
  std::vector<std::string> chains;
  for (const auto& layer : unused) {
    chains.push_back(layer.chain);
    next.layers.erase(layer.chain);
  }
  delete_layers(unused, next);
  return chains;
}

void ImageStore::delete_layers(const std::vector<Layer>& layers, const Catalogue& rest) {
  std::set<std::string> kept;
  for (const auto& [chain, layer] : rest.layers) kept.insert(layer.blob);
  for (const auto& layer : layers) {
    remove_snapshot(storage_, layer.chain);
    if (kept.contains(layer.blob)) continue;
    try {
      content_.remove(layer.blob);
    } catch (const Error& e) {
      log::warn("remove blob " + layer.blob + ": " + e.what());
    }
  }
}

void ImageStore::collect_garbage() {
  std::lock_guard lock(writing_);
  content_.clear_ingests();
  auto next = draft();
  sweep(*next);
  std::set<std::string> blobs;
  for (const auto& [chain, layer] : next->layers) blobs.insert(layer.blob);
  for (const auto& digest : content_.list())
    if (!blobs.contains(digest)) content_.remove(digest);
  UncancelledCall call;
  std::vector<SnapshotInfo> orphans;
  for (auto& snapshot : storage_.list(call))
    if (snapshot.kind == SnapshotKind::committed && !next->layers.contains(snapshot.id)) orphans.push_back(std::move(snapshot));
  for (const auto& orphan : tops_first(std::move(orphans), [](const SnapshotInfo& s) { return s.id; }))
    remove_snapshot(storage_, orphan.id);
  replace(std::move(next));
}

} // namespace gantry::images
