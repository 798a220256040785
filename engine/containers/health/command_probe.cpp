#include "containers/health/command_probe.hpp"

#include <sys/socket.h>

#include <algorithm>
#include <cerrno>

#include <boost/asio/this_coro.hpp>

#include "base/error.hpp"
#include "base/id.hpp"
#include "base/log.hpp"
#include "base/time.hpp"
#include "containers/driver_call.hpp"
#include "containers/exec.hpp"
#include "containers/health/probe_output.hpp"
#include "containers/spec_context.hpp"
#include "containers/start_error.hpp"

namespace gantry::containers {
namespace {

using namespace std::chrono_literals;
using Launched = CommandProbe::Launched;

/// For what a living driver does at once.
constexpr std::int64_t kill_timeout_ns = 5'000'000'000;
/// A check that writes without end costs the daemon no more than this much work at a time.
constexpr std::size_t read_size = 32 * 1024;

void kill_exec(Parts& parts, const std::string& container, const std::string& exec) {
  DriverCall call(kill_timeout_ns);
  try {
    parts.drivers.runtime.signal(call, {container, exec, 9, true});
  } catch (const Error& e) {
    if (e.code() != Code::not_found) log::warn("container " + container + ": kill its health check: " + e.what());
  }
}

ExecEntryPtr announce(Parts& parts, const Container& container, const StringList& command) {
  Exec exec;
  exec.id = random_id();
  exec.container_id = container.id;
  exec.request.cmd = command;
  exec.request.attach_stdout = exec.request.attach_stderr = true;
  exec.started = true;
  auto entry = std::make_shared<ExecEntry>(std::move(exec));
  parts.publish(container, exec_action("exec_create", entry->exec), {{"execID", entry->exec.id}});
  parts.execs.add(entry);
  parts.publish(container, exec_action("exec_start", entry->exec), {{"execID", entry->exec.id}});
  return entry;
}

RuntimeExec make_exec(Parts& parts, const Container& container, const Exec& exec, UniqueFd output) {
  RuntimeExec run;
  run.id = container.id;
  run.exec_id = exec.id;
  run.user = container.config.user;
  run.groups = container.host_config.group_add;
  run.oci_process_json = make_exec_process(container, make_spec_context(parts, container), exec.request.cmd, {},
                                           container.config.working_dir, false, false)
                             .dump();
  run.attach.emplace();
  run.attach->id = container.id;
  run.attach->exec_id = exec.id;
  run.attach->client = std::move(output);
  run.attach->out = run.attach->err = true;
  run.attach->framed = false;
  return run;
}

void run(Parts& parts, const Container& container, std::chrono::nanoseconds timeout, Launched& launched) {
  int ends[2];
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) throw os_error("make a socket pair", errno);
  launched.output.reset(ends[0]);
  UniqueFd theirs(ends[1]);
  DriverCall call(timeout.count());
  ExecEntry& entry = *launched.exec;
  RuntimeProcess process = parts.drivers.runtime.exec(call, make_exec(parts, container, entry.exec, std::move(theirs)));
  const std::lock_guard lock(entry.guard);
  entry.exec.running = true;
  entry.exec.pid = process.pid;
  entry.exit_fd = std::move(process.exit_fd);
}

/// No row is written: a check that the daemon does not live to see is killed by the next one.
Launched launch(Parts& parts, const Container& container, const StringList& command, std::chrono::nanoseconds timeout) {
  Launched launched;
  launched.exec = announce(parts, container, command);
  const std::string id = launched.exec->exec.id;
  try {
    run(parts, container, timeout, launched);
  } catch (const Error& e) {
    if (e.code() == Code::deadline_exceeded) kill_exec(parts, container.id, id);
    parts.execs.erase(id);
    launched.error = exec_error(e, parts.runtimes.is_external(container)).what();
  }
  return launched;
}

/// True at the end of the output, false when the time ran out first.
Task<bool> collect(int fd, const ProbeDeadline& deadline, ProbeOutput& output) {
  std::string bytes(read_size, '\0');
  Latch never;
  for (;;) {
    const bool ready = co_await ready_for(fd, Direction::read, deadline.left());
    if (!ready) co_return false;
    const ssize_t n = ::recv(fd, bytes.data(), bytes.size(), MSG_DONTWAIT);
    if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR)) co_return true;
    if (n < 0) continue;
    const bool flood = output.is_full();
    output.append(std::string_view(bytes).substr(0, static_cast<std::size_t>(n)));
    if (flood) co_await never.wait_for(1ms);
  }
}

std::int32_t settle(Parts& parts, ExecEntry& entry) {
  settle_exec(parts, entry);
  parts.execs.erase(entry.exec.id);
  const std::lock_guard lock(entry.guard);
  return entry.exec.exit_code.value_or(137);
}

} // namespace

CommandProbe::CommandProbe(PartsPtr parts, EntryPtr entry) : parts_(std::move(parts)), entry_(std::move(entry)) {}

bool CommandProbe::is_last_one_alive() const {
  if (!last_) return false;
  const std::lock_guard lock(last_->guard);
  return last_->exec.running;
}

Task<void> CommandProbe::give_up(ExecEntryPtr exec) {
  auto job = [parts = parts_, exec] { kill_exec(*parts, exec->exec.container_id, exec->exec.id); };
  co_await on(parts_->probe_pool(), std::move(job));
  watch_exec(parts_, exec);
  last_ = std::move(exec);
}

/// False when the time ran out, and the process has been killed.
Task<bool> CommandProbe::await_end(Launched& launched, const ProbeDeadline& deadline, ProbeOutput& output) {
  std::exception_ptr cancelled;
  try {
    bool ended = co_await collect(launched.output.get(), deadline, output);
    if (ended) ended = co_await ready_for(launched.exec->exit_fd.get(), Direction::read, deadline.left());
    if (!ended) co_await give_up(launched.exec);
    co_return ended;
  } catch (...) {
    cancelled = std::current_exception();
  }
  co_await boost::asio::this_coro::reset_cancellation_state(boost::asio::disable_cancellation());
  co_await give_up(launched.exec);
  std::rethrow_exception(cancelled);
}

Task<ProbeResult> CommandProbe::run(const StringList& command, std::chrono::nanoseconds timeout) {
  ProbeResult result;
  result.start_ns = result.end_ns = now_ns();
  result.exit_code = -1;
  if (is_last_one_alive()) {
    result.output = "the last health check is still running: it has been killed and does not end";
    co_return result;
  }
  if (last_) parts_->execs.erase(std::exchange(last_, nullptr)->exec.id);
  const ProbeDeadline deadline(timeout);
  auto start = [parts = parts_, container = entry_->snapshot(), command, timeout] {
    return launch(*parts, *container, command, timeout);
  };
  Launched launched = co_await on(parts_->probe_pool(), std::move(start));
  ProbeOutput output;
  if (!launched.error.empty()) {
    result.output = launched.error;
  } else {
    const bool ended = co_await await_end(launched, deadline, output);
    if (ended) {
      auto job = [parts = parts_, exec = launched.exec] { return settle(*parts, *exec); };
      result.exit_code = co_await on(parts_->probe_pool(), std::move(job));
    }
    result.output = ended ? output.text() : timeout_text(timeout, output);
  }
  result.end_ns = now_ns();
  co_return result;
}

void kill_stray_probes(Parts& parts, const Container& container) {
  if (!container.config.healthcheck) return;
  std::vector<std::string> known;
  for (const auto& exec : parts.execs.of_container(container.id)) known.push_back(exec->exec.id);
  DriverCall call(kill_timeout_ns);
  try {
    for (const std::string& id : parts.drivers.runtime.execs(call, container.id)) {
      if (std::find(known.begin(), known.end(), id) == known.end()) kill_exec(parts, container.id, id);
    }
  } catch (const Error& e) {
    log::warn("container " + container.id + ": health checks of the last daemon: " + e.what());
  }
}

} // namespace gantry::containers
