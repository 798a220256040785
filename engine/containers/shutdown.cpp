#include <boost/asio/co_spawn.hpp>

#include "base/error.hpp"
#include "base/log.hpp"
#include "containers/stop.hpp"

namespace gantry::containers {
namespace {

/// Counts down; the last one opens the latch.
struct Countdown {
  explicit Countdown(std::size_t count) : left(count) {}
  std::atomic<std::size_t> left;
  Latch done;
  void one_less() {
    if (--left == 0) done.set();
  }
};

Task<void> stop_quietly(PartsPtr parts, EntryPtr entry) {
  StopOptions defaults;
  try {
    co_await stop_entry(parts, entry, defaults, StopKind::for_shutdown);
  } catch (const std::exception& e) {
    log::error("container " + entry->id + ": stop at shutdown: " + e.what());
  }
}

/// All at the same time: together they take as long as the slowest.
Task<void> stop_all(PartsPtr parts) {
  const auto entries = parts->index.all();
  if (entries.empty()) co_return;
  auto countdown = std::make_shared<Countdown>(entries.size());
  for (const auto& entry : entries) {
    boost::asio::co_spawn(parts->executor, stop_quietly(parts, entry),
                          [countdown](const std::exception_ptr&) { countdown->one_less(); });
  }
  co_await countdown->done.wait();
}

} // namespace

Task<void> ContainerService::shutdown(bool stop_containers) {
  const PartsPtr parts = impl_->parts;
  if (stop_containers) co_await stop_all(parts);
  for (const auto& entry : parts->index.all()) {
    // A delay before a restart ends without one; the phase stays, so that the next daemon goes on with it.
    entry->cancel_restart();
    entry->take_parked();
  }
  parts->logs.stop();
  co_await parts->background.stop();
}

} // namespace gantry::containers
