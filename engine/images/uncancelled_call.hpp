#pragma once

#include <gantry/sdk/host.hpp>

namespace gantry::images {

/// A driver call that runs to its end.
class UncancelledCall final : public Call {
 public:
  bool cancelled() const override { return false; }
  int cancel_fd() const override { return -1; }
  std::int64_t deadline_ns() const override { return 0; }
  void progress(std::uint64_t, std::uint64_t) override {}
};

} // namespace gantry::images
