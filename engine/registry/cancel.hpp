#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <mutex>

#include <gantry/sdk/fd.hpp>

namespace gantry::registry {

/// Tells blocking work on other threads to end. Set once, by anybody; thread-safe.
class Cancel {
 public:
  Cancel();
  void set();
  bool is_set() const;
  /// Throws cancelled once set.
  void check() const;
  /// Readable once set; for poll.
  int fd() const { return event_.get(); }

  /// Calls `f` on the thread of set(), at once when it is set already, until destroyed.
  class Subscription {
   public:
    Subscription(Cancel&, std::function<void()> f);
    ~Subscription();
    Subscription(const Subscription&) = delete;
    Subscription& operator=(const Subscription&) = delete;

   private:
    Cancel& cancel_;
    int id_ = 0;
  };

 private:
  std::mutex guard_;
  std::atomic<bool> set_ = false;
  int next_ = 0;
  std::map<int, std::function<void()>> listeners_;
  UniqueFd event_;
};
using CancelPtr = std::shared_ptr<Cancel>;

} // namespace gantry::registry
