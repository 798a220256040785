#pragma once

#include <chrono>

#include "plugins/call.hpp"

namespace gantry::volumes {

/// A driver call that nobody cancels, with a time by which the driver has to have answered: one that hangs costs its own
/// volumes a minute each, and others nothing.
class DriverCall final : public plugins::CancellableCall {
 public:
  explicit DriverCall(std::chrono::nanoseconds timeout = std::chrono::seconds(60))
      : CancellableCall((std::chrono::steady_clock::now().time_since_epoch() + timeout).count()) {}
};

} // namespace gantry::volumes
