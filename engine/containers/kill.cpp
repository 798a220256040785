#include "base/error.hpp"
#include "containers/exit.hpp"
#include "containers/health/monitor.hpp"
#include "containers/parts.hpp"
#include "containers/signal_container.hpp"
#include "containers/signals.hpp"

namespace gantry::containers {
namespace {

constexpr int kill_signal = 9;

/// Whether this signal is meant to end the container, so that it is not restarted and is woken up when paused.
bool ends(const Container& container, int signal) {
  if (container.config.stop_signal.empty() || signal == kill_signal) return true;
  return parse_signal(container.config.stop_signal) == signal;
}

void deliver(Parts& parts, Entry& entry, int signal) {
  const ContainerPtr container = entry.snapshot();
  const bool final = ends(*container, signal);
  mark_end(parts, entry, {"kill", signal, 0}, true);
  if (final) entry.cancel_restart();
  if (container->phase != Phase::restarting) {
    signal_container(parts, entry, signal, final);
  } else if (final) {
    end_restart(parts, entry);
  }
}

Task<void> kill_entry(PartsPtr parts, EntryPtr entry, int signal) {
  OutcomePtr exit;
  {
    auto guard = co_await entry->mutex.lock();
    const Phase phase = entry->snapshot()->phase;
    if (!is_running(phase) && phase != Phase::restarting) {
      throw Error(Code::forbidden_state, "container " + entry->id + " is not running");
    }
    if (!is_linux_signal(signal)) {
      throw invalid("the linux daemon does not support signal " + std::to_string(signal));
    }
    if (is_running(phase) && signal == kill_signal) exit = entry->next_exit();
    auto job = [parts, entry, signal] { deliver(*parts, *entry, signal); };
    co_await on(parts->pool, std::move(job));
    if (phase == Phase::paused && entry->snapshot()->phase == Phase::running) watch_health(parts, entry);
  }
  if (exit) co_await wait_for_death(exit, entry->id);
}

} // namespace

Task<void> ContainerService::kill(std::string reference, std::string signal) {
  try {
    const auto number = signal.empty() ? std::optional<int>(kill_signal) : parse_signal(signal);
    if (!number) throw invalid("invalid signal: " + signal);
    EntryPtr entry = impl_->parts->index.find(reference);
    co_await kill_entry(impl_->parts, std::move(entry), *number);
  } catch (const Error& e) {
    throw e.context("cannot kill container: " + reference);
  }
}

} // namespace gantry::containers
