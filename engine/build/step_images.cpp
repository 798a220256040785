#include "build/step_images.hpp"

#include "base/error.hpp"
#include "base/log.hpp"

namespace gantry::build {

void StepImages::begin(const State& state) {
  const std::lock_guard lock(guard_);
  const auto at = uses_.find(state.id);
  if (at != uses_.end()) {
    ++at->second;
    return;
  }
  if (service_.get(state.id)) return;
  std::vector<images::UnpackedLayer> none;
  service_.store().publish(none, {{state.document, {}}});
  uses_[state.id] = 1;
}

void StepImages::keep(const std::string& id) {
  const std::lock_guard lock(guard_);
  uses_.erase(id);
}

void StepImages::end(const std::string& id) noexcept {
  try {
    const std::lock_guard lock(guard_);
    const auto at = uses_.find(id);
    if (at == uses_.end() || --at->second > 0) return;
    uses_.erase(at);
    const auto image = service_.get(id);
    if (!image || !image->repo_tags.empty()) return;
    service_.store().drop_image(id);
  } catch (const std::exception& e) {
    log::debug("image of a build step stays: " + std::string(e.what()));
  }
}

void StepImages::publish(const State& state, const std::string& parent) {
  const std::lock_guard lock(guard_);
  uses_.erase(state.id);
  std::vector<images::UnpackedLayer> none;
  service_.store().publish(none, {{state.document, {}, {}, parent}});
}

} // namespace gantry::build
