#pragma once

#include <cstdint>
#include <exception>
#include <functional>

#include "registry/cancel.hpp"

namespace gantry::registry {

/// Decides after failures whether to try again and how long to wait before: 0.25 s, doubled with each failure, up to 16 s; what
/// a registry asks for in Retry-After counts up to 60 s.
class Backoff {
 public:
  /// Told before a wait of a second or more.
  using Notice = std::function<void(std::int64_t seconds)>;

  Backoff(std::int64_t attempts, Notice notice) : left_(attempts), attempts_(attempts), notice_(std::move(notice)) {}

  /// Waits, or throws `failure` when it is not worth another attempt or none is left. Throws cancelled while waiting.
  void after(std::exception_ptr failure, Cancel&);
  /// Something was achieved: counting begins again. A thousand attempts in all are enough for anybody.
  void made_progress();

 private:
  std::int64_t left_, attempts_, total_ = 0;
  std::int64_t failures_ = 0;
  Notice notice_;
};

/// Calls `f` until it succeeds or the backoff gives up.
template <class F>
auto with_retries(std::int64_t attempts, Cancel& cancel, F f) {
  Backoff backoff(attempts, nullptr);
  for (;;) {
    std::exception_ptr failure;
    try {
      return f();
    } catch (...) {
      failure = std::current_exception();
    }
    backoff.after(failure, cancel);
  }
}

} // namespace gantry::registry
