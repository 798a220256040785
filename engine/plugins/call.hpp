#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>

#include <gantry/sdk/fd.hpp>
#include <gantry/sdk/host.hpp>

namespace gantry::plugins {

/// A driver call that any thread may cancel.
class CancellableCall : public Call {
 public:
  explicit CancellableCall(std::int64_t deadline_ns = 0) : deadline_ns_(deadline_ns) {}

  /// Repeating it does nothing.
  void cancel();

  bool cancelled() const override { return cancelled_.load(std::memory_order_acquire); }
  /// Made when first asked for: most calls never look.
  int cancel_fd() const override;
  std::int64_t deadline_ns() const override { return deadline_ns_; }
  void progress(std::uint64_t, std::uint64_t) override {}

 private:
  std::int64_t deadline_ns_;
  std::atomic<bool> cancelled_ = false;
  mutable std::mutex guard_;
  mutable UniqueFd event_;
};

/// `deadline_ns`: CLOCK_MONOTONIC, 0 for none.
std::shared_ptr<CancellableCall> make_call(std::int64_t deadline_ns = 0);

} // namespace gantry::plugins
