#pragma once

#include <chrono>
#include <mutex>
#include <optional>

namespace gantry::containers {

/// Whether it makes sense to try to deliver. Shared by all containers that deliver to one place, so that one of them finds
/// out that a target is back, and a dead one costs a thread for one attempt at a time.
class LogTarget {
 public:
  using Clock = std::chrono::steady_clock;
  /// Absent: go ahead, and say how it went. Otherwise wait that long.
  std::optional<Clock::duration> ask(Clock::time_point now);
  void succeeded();
  /// There was nothing to deliver after all.
  void gave_up();
  /// True when this is news.
  bool failed(Clock::time_point now);

 private:
  std::mutex guard_;
  bool down_ = false, probing_ = false;
  Clock::time_point retry_at_;
  Clock::duration delay_{};
};

} // namespace gantry::containers
