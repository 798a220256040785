#pragma once

#include <exception>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "base/log.hpp"

namespace gantry {

/// Undo steps of an operation in progress. Every acquisition is followed at once by its undo; unless `dismiss` is reached
/// they run in reverse order. A step that fails is logged and does not stop the ones before it.
class Rollback {
 public:
  Rollback() = default;
  Rollback(Rollback&& other) noexcept : steps_(std::exchange(other.steps_, {})) {}
  Rollback& operator=(Rollback&&) = delete;
  ~Rollback() { run(); }

  /// `what` names the step in the log ("remove snapshot 3f2a").
  void add(std::string what, std::function<void()> undo) { steps_.emplace_back(std::move(what), std::move(undo)); }
  /// The operation succeeded: nothing is undone.
  void dismiss() { steps_.clear(); }
  /// Undoes now.
  void run() noexcept {
    while (!steps_.empty()) {
      auto step = std::move(steps_.back());
      steps_.pop_back();
      try {
        step.second();
      } catch (const std::exception& e) {
        log::error("undo: " + step.first + ": " + e.what());
      }
    }
  }

 private:
  std::vector<std::pair<std::string, std::function<void()>>> steps_;
};

} // namespace gantry
