#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>

#include <boost/asio/any_io_executor.hpp>

#include "base/async.hpp"

namespace gantry::containers {

/// Coroutines that nobody awaits (exit monitors, restart delays). `stop` cancels those that are waiting for the outside,
/// lets the others finish what they do, and returns when none is left.
class Background {
 public:
  explicit Background(boost::asio::any_io_executor executor);

  /// Runs the coroutine that `make` returns. An exception that leaves it is logged. Does nothing once stopping.
  void spawn(std::function<Task<void>()> make);
  Task<void> stop();

 private:
  struct State;
  std::shared_ptr<State> state_;
};

/// Until the descriptor is readable or hung up. The descriptor stays the caller's.
Task<void> readable(int fd);

} // namespace gantry::containers
