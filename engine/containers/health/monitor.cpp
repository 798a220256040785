#include "containers/health/monitor.hpp"

#include "base/error.hpp"
#include "base/log.hpp"
#include "base/time.hpp"
#include "containers/health/command_probe.hpp"
#include "containers/health/health_json.hpp"
#include "containers/health/network_probe.hpp"
#include "containers/health/rules.hpp"
#include "containers/health/unhealthy.hpp"

namespace gantry::containers {
namespace {

std::chrono::nanoseconds pause_of(const Container& container) {
  const HealthStatus status = container.health ? container.health->status : HealthStatus::starting;
  return std::chrono::nanoseconds(next_probe_delay(health_timing(container), status, now_ns() - container.started_ns));
}

/// A change is stored before it is told; a result that changes nothing is only shown, for the sake of the disk.
void show_result(Parts& parts, Entry& entry, const HealthPtr& health, bool changed) {
  const auto change = [&](Container& c) { c.health = health; };
  if (!changed) {
    Container container = *entry.snapshot();
    change(container);
    return entry.publish(std::move(container));
  }
  const ContainerPtr container = parts.apply_fact(entry, change);
  parts.publish(*container, "health_status: " + std::string(to_string(health->status)));
}

/// True when something has to be done about it.
Task<bool> note_result(PartsPtr parts, EntryPtr entry, std::uint64_t round, ProbeResult result) {
  auto guard = co_await entry->mutex.lock();
  const ContainerPtr container = entry->snapshot();
  if (container->phase != Phase::running || !entry->is_current(round)) co_return false;
  const HealthPtr health = with_result(*container, std::move(result));
  const bool changed = !container->health || container->health->status != health->status;
  if (changed) {
    auto job = [parts, entry, health] { show_result(*parts, *entry, health, true); };
    co_await on(parts->pool, std::move(job));
  } else {
    show_result(*parts, *entry, health, false);
  }
  co_return has_failed(*entry->snapshot());
}

/// The check of one container, with what it keeps between two of them.
class Checker {
 public:
  Checker(const PartsPtr& parts, const EntryPtr& entry, Probe probe) : probe_(std::move(probe)), command_(parts, entry) {
    if (probe_.target) network_.emplace(parts, entry);
  }

  /// What goes wrong in here, and not in the container, is a failed check too: the next one may work again.
  Task<ProbeResult> run(std::chrono::nanoseconds timeout) {
    ProbeResult result;
    result.start_ns = now_ns();
    try {
      if (network_) co_return co_await network_->run(*probe_.target, timeout);
      co_return co_await command_.run(probe_.command, timeout);
    } catch (const std::exception& e) {
      if (is_cancellation(std::current_exception())) throw;
      result.output = e.what();
    }
    result.end_ns = now_ns();
    result.exit_code = -1;
    co_return result;
  }

 private:
  Probe probe_;
  CommandProbe command_;
  std::optional<NetworkProbe> network_;
};

Task<void> watch(PartsPtr parts, EntryPtr entry, std::uint64_t round) {
  Checker checker(parts, entry, *probe_of(*entry->snapshot()));
  Latch never;
  while (entry->is_current(round)) {
    const auto pause = pause_of(*entry->snapshot());
    co_await never.wait_for(pause);
    const std::chrono::nanoseconds timeout(health_timing(*entry->snapshot()).timeout_ns);
    ProbeResult result = co_await checker.run(timeout);
    const bool failed = co_await note_result(parts, entry, round, std::move(result));
    if (failed) act_on_unhealthy(parts, entry, round);
  }
}

} // namespace

void watch_health(const PartsPtr& parts, const EntryPtr& entry) {
  const std::uint64_t round = entry->begin_health_round();
  if (!probe_of(*entry->snapshot())) return;
  entry->set_health_watch(parts->background.spawn([parts, entry, round] { return watch(parts, entry, round); }));
}

} // namespace gantry::containers
