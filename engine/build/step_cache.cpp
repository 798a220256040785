#include <algorithm>

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

/// An image that somebody gives for a cache may add to what is here, and takes nothing away.
bool extends(const State& next, const State& state) {
  return next.diff_ids.size() >= state.diff_ids.size() &&
         std::equal(state.diff_ids.begin(), state.diff_ids.end(), next.diff_ids.begin());
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
  } else if (!probe_images(key, created_by)) {
    cached_ = false;
    return false;
  }
  state_.cmd_set = cmd_set;
  note(key);
  claim_.reset();
  tell(" ---> Using cache\n");
  return true;
}

/// --cache-from
bool Builder::probe_images(const std::string& key, const std::string& created_by) {
  if (job_.cache_images.empty()) return false;
  try {
    auto config = job_.cache_images.find(key);
    if (!config && !state_.document.empty()) config = job_.cache_images.find_next(state_, created_by, with_.images.store());
    if (!config) return false;
    State next = state_of(*config);
    if (!extends(next, state_)) return false;
    layers_.hold(next.diff_ids);
    state_ = std::move(next);
    return true;
  } catch (const std::exception& e) {
    log::debug("cache-from: " + std::string(e.what()));
    return false;
  }
}

void Builder::keep(const State& parent, const std::string& created_by, const std::string& more, std::uint64_t size) {
  const std::string key = key_of(parent, created_by, more, epoch_);
  cache_.put(key, parent.id, created_by, state_.document, size);
  note(key);
}

void Builder::note(const std::string& key) {
  if (job_.inline_cache) kept_steps_.push_back({key, state_.document});
}

} // namespace gantry::build
