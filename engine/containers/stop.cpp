#include "containers/stop.hpp"

#include "base/error.hpp"
#include "containers/exit.hpp"
#include "containers/failpoints.hpp"
#include "containers/health/monitor.hpp"
#include "containers/signal_container.hpp"
#include "containers/signals.hpp"

namespace gantry::containers {
namespace {

int stop_signal(const Container& container, const std::string& requested) {
  const std::string& text = requested.empty() ? container.config.stop_signal : requested;
  if (text.empty()) return 15;
  const auto number = parse_signal(text);
  if (!number) throw invalid("invalid signal: " + text);
  return *number;
}

/// A number that is no signal is accepted, as in Docker: it cannot end the container, which is killed after two seconds.
std::int64_t grace_seconds(const Parts& parts, const Container& container, const StopOptions& options, int signal) {
  if (!is_linux_signal(signal)) return 2;
  return options.timeout_s.value_or(container.config.stop_timeout.value_or(parts.defaults.stop_timeout_s));
}

/// For EndRequest::by.
const char* who(StopKind kind) {
  if (kind == StopKind::by_user) return "stop";
  return kind == StopKind::for_shutdown ? "shutdown" : "unhealthy";
}

void first_signal(Parts& parts, Entry& entry, int signal, StopKind kind) {
  mark_end(parts, entry, {who(kind), signal, 0}, kind == StopKind::by_user || kind == StopKind::unhealthy);
  failpoint("stop.after_mark");
  if (entry.snapshot()->phase == Phase::restarting) {
    end_restart(parts, entry);
  } else if (is_linux_signal(signal)) {
    signal_container(parts, entry, signal);
  }
  failpoint("stop.after_signal");
}

/// What is about to end anyway is not ended for a restart.
bool can_stop(const Entry& entry, StopKind kind) {
  const Phase phase = entry.snapshot()->phase;
  if (kind == StopKind::for_restart) return is_running(phase) && !entry.exit_on_next && !entry.removing;
  return is_running(phase) || phase == Phase::restarting;
}

Task<void> kill_now(PartsPtr parts, EntryPtr entry) {
  auto guard = co_await entry->mutex.lock();
  if (!is_running(entry->snapshot()->phase)) co_return;
  auto job = [parts, entry] {
    failpoint("stop.before_kill");
    signal_container(*parts, *entry, 9);
  };
  co_await on(parts->pool, std::move(job));
}

Task<void> wait_or_kill(PartsPtr parts, EntryPtr entry, OutcomePtr exit, std::int64_t grace_s) {
  if (grace_s < 0) {
    co_await exit->latch.wait();
    co_return;
  }
  // A year is as good as for ever and does not overflow nanoseconds.
  const std::chrono::seconds grace(std::min<std::int64_t>(grace_s, 365 * 86400));
  const bool gone = co_await exit->latch.wait_for(grace);
  if (gone) co_return;
  co_await kill_now(parts, entry);
  co_await wait_for_death(exit, entry->id);
}

} // namespace

Task<Changed> stop_entry(PartsPtr parts, EntryPtr entry, StopOptions options, StopKind kind) {
  OutcomePtr exit;
  ContainerPtr container;
  int signal = 0;
  {
    auto guard = co_await entry->mutex.lock();
    container = entry->snapshot();
    if (!can_stop(*entry, kind)) co_return Changed::no;
    signal = stop_signal(*container, options.signal);
    exit = entry->next_exit();
    if (kind == StopKind::for_restart) {
      entry->restart_on_exit = true;
    } else {
      entry->cancel_restart();
    }
    auto job = [parts, entry, signal, kind] { first_signal(*parts, *entry, signal, kind); };
    co_await on(parts->pool, std::move(job));
    if (container->phase == Phase::paused) watch_health(parts, entry);
  }
  if (is_running(container->phase)) {
    const std::int64_t grace_s = grace_seconds(*parts, *container, options, signal);
    co_await wait_or_kill(parts, entry, exit, grace_s);
  }
  parts->publish(*container, "stop");
  co_return Changed::yes;
}

Task<Changed> ContainerService::stop(std::string reference, StopOptions options) {
  EntryPtr entry = impl_->parts->index.find(reference);
  co_return co_await stop_entry(impl_->parts, std::move(entry), std::move(options), StopKind::by_user);
}

} // namespace gantry::containers
