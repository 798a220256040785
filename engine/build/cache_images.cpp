#include "build/cache_images.hpp"

#include <algorithm>

#include "base/log.hpp"
#include "build/inline_cache.hpp"
#include "images/image_store.hpp"

namespace gantry::build {
namespace {

/// The lines of history of a config, as far as they say something.
std::vector<std::string> steps_of(const Json& document) {
  std::vector<std::string> steps;
  const auto history = document.find("history");
  if (history == document.end() || !history->is_array()) return steps;
  for (const auto& line : *history) steps.push_back(line.value("created_by", ""));
  return steps;
}

/// An image's config as it was after its first `lines` lines of history.
Json cut(Json document, std::size_t lines) {
  std::size_t layers = 0;
  Json history = Json::array();
  for (std::size_t i = 0; i < lines; ++i) {
    const Json& line = document["history"][i];
    history.push_back(line);
    if (!line.value("empty_layer", false)) ++layers;
  }
  Json diff_ids = Json::array();
  for (std::size_t i = 0; i < layers && i < document["rootfs"]["diff_ids"].size(); ++i)
    diff_ids.push_back(document["rootfs"]["diff_ids"][i]);
  document["history"] = std::move(history);
  document["rootfs"]["diff_ids"] = std::move(diff_ids);
  return document;
}

} // namespace

void CacheImages::add(const images::ImagePtr& image) {
  images_.push_back(image);
  steps_.merge(inline_cache_of(image->config));
}

std::optional<std::string> CacheImages::find(const std::string& key) const {
  const auto at = steps_.find(key);
  if (at == steps_.end()) return {};
  return at->second;
}

std::optional<std::string> CacheImages::find_next(const State& state, const std::string& created_by,
                                                  images::ImageStore& store) const {
  const Json mine = Json::parse(state.document);
  const auto steps = steps_of(mine);
  for (const auto& image : images_) {
    try {
      const auto theirs = steps_of(image->config);
      if (theirs.size() <= steps.size() || theirs[steps.size()] != created_by) continue;
      if (!std::equal(steps.begin(), steps.end(), theirs.begin())) continue;
      Json document = cut(image->config, steps.size() + 1);
      const auto& diff_ids = document["rootfs"]["diff_ids"];
      if (diff_ids.size() < state.diff_ids.size()) continue;
      if (!std::equal(state.diff_ids.begin(), state.diff_ids.end(), diff_ids.begin(),
                      [](const std::string& a, const Json& b) { return b == a; }))
        continue;
      if (theirs.size() == steps.size() + 1) return store.config_bytes(image->id);
      if (diff_ids.size() == state.diff_ids.size()) continue;
      document["config"] = mine["config"];
      drop_inline_cache(document);
      return document.dump();
    } catch (const std::exception& e) {
      log::debug("cache-from " + image->id + ": " + e.what());
    }
  }
  return {};
}

} // namespace gantry::build
