#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <mutex>
#include <stdexcept>

namespace gantry::buildkit {

/// Thrown out of what waits, once somebody has cancelled it.
class Cancelled : public std::runtime_error {
 public:
  Cancelled() : std::runtime_error("context canceled") {}
};

/// Whether a build is still wanted. Thread-safe; cancelled once, for good.
class Cancellation {
 public:
  void cancel();
  bool cancelled() const { return cancelled_; }
  void check() const {
    if (cancelled_) throw Cancelled();
  }

  /// Calls `action` at once when it is cancelled (in the canceller's thread), or now when it is already; not any more after the
  /// end of this object.
  class Hook {
   public:
    Hook(Cancellation& owner, std::function<void()> action);
    ~Hook();
    Hook(const Hook&) = delete;
    Hook& operator=(const Hook&) = delete;

   private:
    Cancellation& owner_;
    int id_ = 0;
  };

 private:
  std::atomic<bool> cancelled_ = false;
  std::mutex guard_;
  std::map<int, std::function<void()>> hooks_;
  int next_ = 1;
};

} // namespace gantry::buildkit
