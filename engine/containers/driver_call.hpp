#pragma once

#include <gantry/sdk/host.hpp>

namespace gantry::containers {

/// A driver call that nobody cancels: what was begun on a container is finished or undone, whether the client waits or not.
class DriverCall final : public Call {
 public:
  bool cancelled() const override { return false; }
  int cancel_fd() const override { return -1; }
  std::int64_t deadline_ns() const override { return 0; }
  void progress(std::uint64_t, std::uint64_t) override {}
};

} // namespace gantry::containers
