#include "build/stage_runner.hpp"

#include <algorithm>
#include <system_error>

#include "base/error.hpp"

namespace gantry::build {

StageRunner::StageRunner(std::vector<bool> needed, std::vector<int> bases, registry::CancelPtr cancel, StageLimits limits)
    : bases_(std::move(bases)), cancel_(std::move(cancel)), limits_(limits) {
  for (const bool is_needed : needed) phases_.push_back(is_needed ? Phase::pending : Phase::unneeded);
}

std::size_t StageRunner::count(Phase phase) const {
  return static_cast<std::size_t>(std::count(phases_.begin(), phases_.end(), phase));
}

bool StageRunner::is_first(std::size_t stage) const {
  return std::all_of(phases_.begin(), phases_.begin() + static_cast<std::ptrdiff_t>(stage),
                     [](Phase phase) { return phase == Phase::unneeded || phase == Phase::ended; });
}

std::optional<std::size_t> StageRunner::next() const {
  if (cancel_->is_set()) return {};
  const bool full = count(Phase::running) + count(Phase::waiting) >= limits_.started || count(Phase::running) >= limits_.running;
  for (std::size_t i = 0; i < phases_.size(); ++i) {
    if (phases_[i] != Phase::pending) continue;
    if (full && !is_first(i)) return {};
    if (bases_[i] < 0 || phases_[static_cast<std::size_t>(bases_[i])] == Phase::ended) return i;
  }
  return {};
}

bool StageRunner::is_over() const {
  if (count(Phase::running) + count(Phase::waiting) > 0) return false;
  return cancel_->is_set() || count(Phase::pending) == 0;
}

void StageRunner::run(const std::function<void(std::size_t)>& build) {
  const registry::Cancel::Subscription woken(*cancel_, [this] {
    const std::lock_guard lock(guard_);
    changed_.notify_all();
  });
  while (const auto stage = take_next()) start(*stage, build);
  for (auto& thread : threads_) thread.join();
  if (failure_) std::rethrow_exception(failure_);
  cancel_->check();
}

std::optional<std::size_t> StageRunner::take_next() {
  std::unique_lock lock(guard_);
  while (!is_over()) {
    if (const auto stage = next()) {
      phases_[*stage] = Phase::running;
      return stage;
    }
    changed_.wait(lock);
  }
  return {};
}

void StageRunner::start(std::size_t stage, const std::function<void(std::size_t)>& build) {
  try {
    threads_.emplace_back([this, stage, &build] {
      std::exception_ptr failure;
      try {
        build(stage);
      } catch (...) {
        failure = std::current_exception();
      }
      finish(stage, failure);
    });
  } catch (const std::system_error&) { // no more threads
    finish(stage, std::current_exception());
  }
}

void StageRunner::finish(std::size_t stage, std::exception_ptr failure) {
  {
    const std::lock_guard lock(guard_);
    // What fails behind a cancel fails of it.
    if (failure && !failure_ && !cancel_->is_set()) {
      failure_ = failure;
      failed_ = stage;
    }
  }
  // Not under the lock, which the cancel takes itself.
  if (failure) cancel_->set();
  const std::lock_guard lock(guard_);
  phases_[stage] = failure ? Phase::broken : Phase::ended;
  changed_.notify_all();
}

void StageRunner::wait(std::size_t stage, std::size_t other) {
  std::unique_lock lock(guard_);
  const auto until = [&](const auto& done) {
    while (!done()) {
      cancel_->check();
      changed_.wait(lock);
    }
  };
  if (phases_[other] == Phase::ended) return;
  // Of a trigger in an image that was pulled: nothing here said that it would be wanted.
  if (phases_[other] == Phase::unneeded) throw invalid("stage " + std::to_string(other) + " is not built: nothing else needs it");
  phases_[stage] = Phase::waiting;
  changed_.notify_all();
  until([&] { return phases_[other] == Phase::ended; });
  until([&] { return may_run(stage); });
  phases_[stage] = Phase::running;
}

} // namespace gantry::build
