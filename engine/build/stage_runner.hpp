#pragma once

#include <condition_variable>
#include <cstddef>
#include <exception>
#include <functional>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "registry/cancel.hpp"

namespace gantry::build {

/// How many stages of one build run at once, and how many have a thread: those that wait for another stage do not count as
/// running.
struct StageLimits {
  std::size_t running = 8, started = 32;
};

/// Runs stages side by side, each on a thread of its own. References between stages lead backwards only, so the first stage that
/// has not ended can always go on: it is above every limit.
class StageRunner {
 public:
  /// `needed[i]`: whether stage i is built; `bases[i]`: the stage that it starts from, -1: none. `cancel` ends all of them; it is
  /// set when one fails.
  StageRunner(std::vector<bool> needed, std::vector<int> bases, registry::CancelPtr cancel, StageLimits limits = {});

  /// Blocks until every thread has ended. Rethrows the first failure.
  void run(const std::function<void(std::size_t stage)>& build);
  /// On the thread of `stage`: until `other`, which is before it, is built. Throws cancelled; invalid when `other` is none
  /// that is built.
  void wait(std::size_t stage, std::size_t other);
  /// Behind run: whose failure it was.
  std::optional<std::size_t> failed() const { return failed_; }

 private:
  enum class Phase { unneeded, pending, running, waiting, ended, broken };

  bool is_first(std::size_t stage) const;
  bool may_run(std::size_t stage) const { return is_first(stage) || count(Phase::running) < limits_.running; }
  std::size_t count(Phase phase) const;
  std::optional<std::size_t> next() const;
  bool is_over() const;
  /// Blocks until a stage may start, which counts as running then; absent: all is over.
  std::optional<std::size_t> take_next();
  void start(std::size_t stage, const std::function<void(std::size_t)>& build);
  void finish(std::size_t stage, std::exception_ptr failure);

  const std::vector<int> bases_;
  const registry::CancelPtr cancel_;
  const StageLimits limits_;
  std::mutex guard_;
  std::condition_variable changed_;
  std::vector<Phase> phases_;
  std::vector<std::thread> threads_;
  std::exception_ptr failure_;
  std::optional<std::size_t> failed_;
};

} // namespace gantry::build
