#pragma once

#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include "base/async.hpp"

namespace gantry::api {

/// Queue from any thread to one coroutine. Not bounded: whoever pushes must bound it (see size).
template <class T>
class Mailbox {
 public:
  /// How many wait to be taken, this one included. Dropped once closed.
  std::size_t push(T item) {
    std::lock_guard lock(guard_);
    if (closed_) return items_.size();
    items_.push_back(std::move(item));
    wake_->set();
    return items_.size();
  }

  /// Drops the oldest until `most` are left.
  void trim(std::size_t most) {
    std::lock_guard lock(guard_);
    if (items_.size() > most) items_.erase(items_.begin(), items_.end() - static_cast<std::ptrdiff_t>(most));
  }

  /// Nothing follows.
  void close() {
    std::lock_guard lock(guard_);
    closed_ = true;
    wake_->set();
  }

  /// Everything that is there, after waiting for at least one; empty once closed and drained.
  Task<std::vector<T>> take() {
    auto wake = current();
    co_await wake->wait();
    std::lock_guard lock(guard_);
    if (!closed_) wake_ = std::make_shared<Latch>();
    co_return std::exchange(items_, {});
  }

 private:
  std::shared_ptr<Latch> current() {
    std::lock_guard lock(guard_);
    return wake_;
  }

  std::mutex guard_;
  std::vector<T> items_;
  bool closed_ = false;
  std::shared_ptr<Latch> wake_ = std::make_shared<Latch>();
};

} // namespace gantry::api
