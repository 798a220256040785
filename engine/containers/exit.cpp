#include "containers/exit.hpp"

#include <boost/asio/this_coro.hpp>

#include "base/error.hpp"
#include "base/log.hpp"
#include "base/time.hpp"
#include "containers/driver_call.hpp"
#include "containers/exec.hpp"
#include "containers/failpoints.hpp"
#include "containers/finished_run.hpp"
#include "containers/health/rules.hpp"
#include "containers/networking.hpp"
#include "containers/remove.hpp"
#include "containers/restart_policy.hpp"
#include "containers/start.hpp"
#include "containers/volumes.hpp"

namespace gantry::containers {
namespace {

/// The truth as far as the runtime knows it; 255 when it lost it.
RuntimeExit exit_of(Parts& parts, const std::string& id) {
  DriverCall call;
  try {
    if (auto exit = parts.drivers.runtime.exit_info(call, id, "")) return *exit;
  } catch (const Error& e) {
    log::error("container " + id + ": exit status: " + e.what());
  }
  RuntimeExit unknown;
  unknown.code = 255;
  unknown.time_ns = now_ns();
  return unknown;
}

ContainerPtr store_exit(Parts& parts, Entry& entry, const RuntimeExit& exit) {
  const bool wanted = entry.exit_on_next || entry.removing;
  const Run run = finished_run(parts, *entry.snapshot(), exit);
  return parts.apply_fact(entry, [&](Container& c) {
    c.pid = 0;
    c.exit_code = exit.code;
    c.oom_killed = exit.oom_killed;
    c.finished_ns = exit.time_ns;
    forget_networks(c);
    c.history.add(run);
    suspend_health(c);
    const bool restarts = entry.restart_by_user || (!wanted && (entry.restart_on_exit || wants_restart(c)));
    c.phase = restarts && !entry.removing ? Phase::restarting : Phase::exited;
  });
}

void announce(Parts& parts, Entry& entry, const Container& container) {
  WaitResult result;
  result.status_code = container.exit_code;
  const std::int64_t ran_s = (container.finished_ns - container.started_ns) / 1'000'000'000;
  if (container.oom_killed) parts.publish(container, "oom");
  parts.publish(
      container, "die",
      {{"exitCode", std::to_string(container.exit_code)}, {"execDuration", std::to_string(std::max<std::int64_t>(ran_s, 0))}});
  // After "die", so that the "stop" or "restart" of whoever waits comes behind it.
  entry.release_exit(std::move(result));
}

/// Those who came between two runs: there is no other one.
void release_waiters(Entry& entry) {
  WaitResult result;
  result.status_code = entry.snapshot()->exit_code;
  entry.release_exit(std::move(result));
}

/// Before the next start may use the id again. A driver that cannot do it must not keep the container from its restart or
/// removal.
void free_process(Parts& parts, const std::string& id) {
  DriverCall call;
  try {
    parts.drivers.runtime.remove(call, id, true);
  } catch (const Error& e) {
    log::error("container " + id + ": clean up after its exit: " + e.what());
  }
}

/// Followers of the log get its end before anybody hears of the exit, as from dockerd: clients such as compose hang up when they
/// hear of it, and call a log that has not ended by then broken off. Who does not read is not waited for.
Task<void> end_followers(PartsPtr parts, EntryPtr entry) {
  Latch unfollowed = entry->unfollowed();
  if (unfollowed.is_set()) co_return;
  auto job = [parts, entry] {
    (void)exit_of(*parts, entry->id); // it has written everything
    entry->release_output();
  };
  co_await on(parts->pool, std::move(job));
  (void)co_await unfollowed.wait_for(std::chrono::milliseconds(50));
}

Task<void> monitor(PartsPtr parts, EntryPtr entry, std::shared_ptr<UniqueFd> exit_fd) {
  co_await readable(exit_fd->get());
  // From here on it is finished even when the daemon is being stopped.
  co_await boost::asio::this_coro::reset_cancellation_state(boost::asio::disable_cancellation());
  co_await end_followers(parts, entry);
  AfterExit next = AfterExit::nothing;
  {
    auto guard = co_await entry->mutex.lock();
    auto job = [parts, entry] { return record_exit(*parts, *entry); };
    next = co_await on(parts->pool, std::move(job));
  }
  if (next == AfterExit::restart) co_await restart_later(parts, entry);
}

} // namespace

AfterExit record_exit(Parts& parts, Entry& entry) {
  if (!is_running(entry.snapshot()->phase)) return AfterExit::nothing;
  entry.end_health_round();
  const RuntimeExit exit = exit_of(parts, entry.id);
  for (const auto& exec : parts.execs.of_container(entry.id)) settle_exec(parts, *exec);
  leave_networks(parts, *entry.snapshot());
  failpoint("exit.after_leave");
  failpoint("exit.before_state");
  const ContainerPtr container = store_exit(parts, entry, exit);
  failpoint("exit.after_state");
  unmount_volumes(parts, *container);
  announce(parts, entry, *container);
  failpoint("exit.after_die");
  free_process(parts, entry.id);
  failpoint("exit.after_runtime_remove");
  if (entry.restart_by_user) return AfterExit::nothing; // whoever asked for it starts it
  if (container->phase == Phase::restarting) return AfterExit::restart;
  if (container->host_config.auto_remove && !entry.keep_on_exit && !entry.removing.exchange(true)) destroy(parts, entry);
  return AfterExit::nothing;
}

void watch_exit(PartsPtr parts, EntryPtr entry, UniqueFd exit_fd) {
  auto fd = std::make_shared<UniqueFd>(std::move(exit_fd));
  Background& background = parts->background;
  background.spawn([parts = std::move(parts), entry = std::move(entry), fd] { return monitor(parts, entry, fd); });
}

Task<void> restart_later(PartsPtr parts, EntryPtr entry) {
  Latch cancelled = entry->begin_restart_delay();
  const ContainerPtr exited = entry->snapshot();
  entry->restart_delay_ns = next_restart_delay(entry->restart_delay_ns, exited->finished_ns - exited->started_ns);
  entry->restart_at_ns = now_ns() + entry->restart_delay_ns;
  const bool stopped = entry->exit_on_next || co_await cancelled.wait_for(std::chrono::nanoseconds(entry->restart_delay_ns));
  auto guard = co_await entry->mutex.lock();
  if (stopped || entry->exit_on_next || entry->snapshot()->phase != Phase::restarting) co_return;
  try {
    co_await start_locked(parts, entry, StartKind::by_restart_policy);
  } catch (const Error& e) {
    log::error("container " + entry->id + ": restart: " + e.what());
    release_waiters(*entry);
  }
}

void end_restart(Parts& parts, Entry& entry) {
  const ContainerPtr container = parts.apply(entry, [](Container& c) { c.phase = Phase::exited; });
  release_waiters(entry);
  if (container->host_config.auto_remove && !entry.keep_on_exit && !entry.removing.exchange(true)) destroy(parts, entry);
}

} // namespace gantry::containers
