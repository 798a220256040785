#pragma once

#include <chrono>
#include <string>

#include "containers/history.hpp"

namespace gantry::containers {

/// Times the steps of one start. A step lasts until the next one begins.
class StartSteps {
 public:
  void begin(std::string name) {
    end();
    name_ = std::move(name);
    since_ = Clock::now();
  }
  void end() {
    if (name_.empty()) return;
    const std::chrono::nanoseconds took = Clock::now() - since_;
    record_.steps.push_back({std::move(name_), took.count()});
    name_.clear();
  }
  /// The step that goes on is the one that failed.
  void fail() {
    record_.failed_step = name_;
    end();
  }
  StartRecord& record() { return record_; }

 private:
  using Clock = std::chrono::steady_clock;
  StartRecord record_;
  std::string name_;
  Clock::time_point since_;
};

} // namespace gantry::containers
