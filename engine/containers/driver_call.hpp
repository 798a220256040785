#pragma once

#include <chrono>
#include <cstdint>

#include <gantry/sdk/host.hpp>

namespace gantry::containers {

/// A driver call that nobody cancels: what was begun on a container is finished or undone, whether the client waits or not.
class DriverCall final : public Call {
 public:
  DriverCall() = default;
  /// For a question that is worth a limited time: deadline_exceeded when the driver has not answered by then.
  explicit DriverCall(std::int64_t timeout_ns) : deadline_ns_(monotonic_ns() + timeout_ns) {}
  bool cancelled() const override { return false; }
  int cancel_fd() const override { return -1; }
  std::int64_t deadline_ns() const override { return deadline_ns_; }
  void progress(std::uint64_t, std::uint64_t) override {}

 private:
  static std::int64_t monotonic_ns() { return std::chrono::steady_clock::now().time_since_epoch().count(); }

  std::int64_t deadline_ns_ = 0;
};

} // namespace gantry::containers
