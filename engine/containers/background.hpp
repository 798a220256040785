#pragma once

#include <chrono>
#include <cstdint>
#include <exception>
#include <functional>
#include <map>
#include <memory>
#include <mutex>

#include <boost/asio/any_io_executor.hpp>

#include "base/async.hpp"

namespace gantry::containers {

/// Ends what one coroutine of Background waits for, from any thread and as often as one likes: it sees a cancellation.
class Canceller {
 public:
  Canceller() = default;
  void cancel() const {
    if (cancel_) cancel_();
  }

 private:
  friend class Background;
  explicit Canceller(std::function<void()> cancel) : cancel_(std::move(cancel)) {}
  std::function<void()> cancel_;
};

/// Coroutines that nobody awaits (exit monitors, restart delays, health checks). `stop` cancels those that are waiting for the
/// outside, lets the others finish what they do, and returns when none is left.
class Background {
 public:
  explicit Background(boost::asio::any_io_executor executor);

  /// Runs the coroutine that `make` returns. An exception that leaves it is logged. Does nothing once stopping.
  Canceller spawn(std::function<Task<void>()> make);
  Task<void> stop();

 private:
  struct State;
  std::shared_ptr<State> state_;
};

/// Whether it is what a cancelled coroutine throws.
bool is_cancellation(const std::exception_ptr& failure);

/// Until the descriptor is readable or hung up. The descriptor stays the caller's.
Task<void> readable(int fd);

enum class Direction { read, write };
/// The same for at most `timeout`; false when the time ran out first. On one strand, as every coroutine of Background is.
Task<bool> ready_for(int fd, Direction direction, std::chrono::nanoseconds timeout);

} // namespace gantry::containers
