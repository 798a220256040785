#include "base/log.hpp"
#include "build/builder.hpp"
#include "images/digest.hpp"

namespace gantry::build {
namespace {

/// `epoch`: what a step came to has other times with another one.
std::string key_of(const State& state, const std::string& created_by, const std::string& more,
                   std::optional<std::int64_t> epoch) {
  const std::string times = epoch ? '\0' + std::to_string(*epoch) : "";
  return images::sha256_of(state.id + '\0' + state.author + '\0' + created_by + '\0' + more + times);
}

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

bool Builder::probe(const std::string& created_by, const std::string& more) {
  if (request_.no_cache) {
    cached_ = false;
    return false;
  }
  const bool cmd_set = state_.cmd_set;
  const std::string key = key_of(state_, created_by, more, epoch_);
  claim_.reset();
  claim_.emplace(job_.in_flight, "step " + key);
  if (const auto found = cache_.find(key)) {
    State next = state_of(found->config);
    layers_.hold(next.diff_ids);
    state_ = std::move(next);
  } else if (!probe_images(created_by)) {
    cached_ = false;
    return false;
  }
  state_.cmd_set = cmd_set;
  claim_.reset();
  tell(" ---> Using cache\n");
  return true;
}

/// --cache-from: an image that began with the same steps and went on with this one. Only whole images say what the config was
/// behind a step, so only the last step of one, or one that leaves the config alone, can be taken over.
bool Builder::probe_images(const std::string& created_by) {
  if (request_.cache_from.empty() || state_.document.empty()) return false;
  const Json mine = Json::parse(state_.document);
  const auto steps = steps_of(mine);
  for (const auto& name : request_.cache_from) {
    try {
      const auto image = with_.images.resolve(name);
      const auto theirs = steps_of(image->config);
      if (theirs.size() <= steps.size() || theirs[steps.size()] != created_by) continue;
      if (!std::equal(steps.begin(), steps.end(), theirs.begin())) continue;
      Json document = cut(image->config, steps.size() + 1);
      const auto& diff_ids = document["rootfs"]["diff_ids"];
      if (diff_ids.size() < state_.diff_ids.size()) continue;
      if (!std::equal(state_.diff_ids.begin(), state_.diff_ids.end(), diff_ids.begin(),
                      [](const std::string& a, const Json& b) { return b == a; }))
        continue;
      const bool whole = theirs.size() == steps.size() + 1;
      if (!whole) {
        if (diff_ids.size() == state_.diff_ids.size()) continue;
        document["config"] = mine["config"];
      }
      State next = state_of(whole ? with_.images.store().config_bytes(image->id) : document.dump());
      layers_.hold(next.diff_ids);
      state_ = std::move(next);
      return true;
    } catch (const std::exception& e) {
      log::debug("cache-from " + name + ": " + e.what());
    }
  }
  return false;
}

void Builder::keep(const State& parent, const std::string& created_by, const std::string& more, std::uint64_t size) {
  cache_.put(key_of(parent, created_by, more, epoch_), parent.id, created_by, state_.document, size);
}

} // namespace gantry::build
