#include <utility>

#include "base/error.hpp"
#include "containers/start.hpp"
#include "containers/stop.hpp"

namespace gantry::containers {

Task<void> ContainerService::restart(std::string reference, StopOptions options) {
  const PartsPtr parts = impl_->parts;
  const EntryPtr entry = parts->index.find(reference);
  const int runs = is_running(entry->snapshot()->phase) ? 1 : 0;
  // AutoRemove must not take the container away between stop and start: the start would find nothing.
  entry->keep_on_exit += runs;
  // Nobody is to take it for ended between its two halves: compose, which looks at a container when it dies, ends with its last.
  entry->restart_by_user += runs;
  int between = runs;
  std::exception_ptr failure;
  try {
    co_await stop_entry(parts, entry, std::move(options), StopKind::by_user);
    auto guard = co_await entry->mutex.lock();
    const Phase phase = entry->snapshot()->phase;
    const bool ended = phase == Phase::created || phase == Phase::exited || phase == Phase::restarting;
    entry->restart_by_user -= std::exchange(between, 0);
    if (ended) co_await start_locked(parts, entry, StartKind::by_user);
  } catch (...) {
    failure = std::current_exception();
  }
  entry->keep_on_exit -= runs;
  entry->restart_by_user -= between;
  if (failure) std::rethrow_exception(failure);
  parts->publish(*entry->snapshot(), "restart");
}

} // namespace gantry::containers
