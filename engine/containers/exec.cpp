#include "containers/exec.hpp"

#include <poll.h>

#include <boost/asio/this_coro.hpp>

#include "base/error.hpp"
#include "base/time.hpp"
#include "containers/prompt_call.hpp"

namespace gantry::containers {
namespace {

bool has_ended(const ExecEntry& entry) {
  pollfd exit{entry.exit_fd.get(), POLLIN, 0};
  return entry.exit_fd && ::poll(&exit, 1, 0) == 1;
}

/// The runtime's answer; that of SIGKILL when it has none any more, because then the container took the exec with it.
RuntimeExit exit_of(Parts& parts, const Exec& exec) {
  DriverCall call(prompt_ns);
  RuntimeExit unknown;
  unknown.code = 137;
  unknown.time_ns = now_ns();
  try {
    return parts.drivers.runtime.exit_info(call, exec.container_id, exec.id).value_or(unknown);
  } catch (const Error&) {
    return unknown;
  }
}

/// A program may have ended, and its client have seen that, before the thread that launched it has been told that it runs.
std::optional<RuntimeExit> early_exit_of(Parts& parts, const Exec& exec) {
  DriverCall call(prompt_ns);
  try {
    return parts.drivers.runtime.exit_info(call, exec.container_id, exec.id);
  } catch (const Error&) {
    return std::nullopt; // it does not run yet
  }
}

/// Notes the end; true for the one caller who is to announce it.
bool note_end(ExecEntry& entry, const RuntimeExit& exit) {
  const std::lock_guard lock(entry.guard);
  if (entry.die_published) return false;
  entry.exec.running = false;
  entry.exec.exit_code = exit.code;
  entry.ended_ns = exit.time_ns;
  entry.die_published = true;
  return true;
}

Task<void> monitor(PartsPtr parts, ExecEntryPtr entry) {
  co_await readable(entry->exit_fd.get());
  co_await boost::asio::this_coro::reset_cancellation_state(boost::asio::disable_cancellation());
  auto job = [parts, entry] { settle_exec(*parts, *entry); };
  co_await on(parts->pool, std::move(job));
}

} // namespace

void check_exec_phase(const Container& container, const std::string& reference) {
  const auto refuse = [](const std::string& why) { throw Error(Code::forbidden_state, why); };
  if (container.phase == Phase::paused) refuse("Container " + reference + " is paused, unpause the container before exec");
  if (container.phase == Phase::restarting) {
    refuse("Container " + container.id + " is restarting, wait until the container is running");
  }
  if (container.phase != Phase::running) refuse("container " + container.id + " is not running");
}

std::string exec_action(const char* verb, const Exec& exec) {
  std::string text = std::string(verb) + ": ";
  for (std::size_t i = 0; i < exec.request.cmd.size(); ++i) text += (i == 0 ? "" : " ") + exec.request.cmd[i];
  // Docker writes a blank between the program and its (missing) arguments, and scripts have matched it.
  if (exec.request.cmd.size() == 1) text += " ";
  return text;
}

void settle_exec(Parts& parts, ExecEntry& entry) {
  Exec exec;
  {
    const std::lock_guard lock(entry.guard);
    const bool launching = entry.exec.started && !entry.exec.running && !entry.exec.exit_code;
    if (!launching && (!entry.exec.running || !has_ended(entry))) return;
    exec = entry.exec;
  }
  const std::optional<RuntimeExit> exit = exec.running ? exit_of(parts, exec) : early_exit_of(parts, exec);
  if (!exit || !note_end(entry, *exit)) return;
  const EntryPtr container = parts.index.by_id(exec.container_id);
  if (!container) return;
  parts.publish(*container->snapshot(), "exec_die", {{"execID", exec.id}, {"exitCode", std::to_string(exit->code)}});
}

void watch_exec(PartsPtr parts, ExecEntryPtr entry) {
  Background& background = parts->background;
  background.spawn([parts = std::move(parts), entry = std::move(entry)] { return monitor(parts, entry); });
}

} // namespace gantry::containers
