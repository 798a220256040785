#include <fcntl.h>

#include "base/error.hpp"
#include "base/log.hpp"
#include "base/time.hpp"
#include "containers/driver_call.hpp"
#include "containers/exec.hpp"
#include "containers/failpoints.hpp"
#include "containers/prompt_call.hpp"
#include "containers/spec_context.hpp"
#include "containers/start_error.hpp"
#include "containers/stream_frame.hpp"
#include "containers/terminal_size.hpp"

namespace gantry::containers {
namespace {

/// Under the entry's guard.
void refuse_second_start(const Exec& exec) {
  if (exec.running) throw Error(Code::forbidden_state, "exec command " + exec.id + " is already running");
  if (exec.started) throw Error(Code::forbidden_state, "exec command " + exec.id + " has already run");
}

ContainerPtr container_of(const Parts& parts, const Exec& exec) {
  const EntryPtr entry = parts.index.by_id(exec.container_id);
  if (!entry) throw not_found("No such container: " + exec.container_id);
  return entry->snapshot();
}

/// From here on the exec counts as run, whatever becomes of it.
Exec claim(Parts& parts, ExecEntry& entry) {
  const std::lock_guard lock(entry.guard);
  refuse_second_start(entry.exec);
  check_exec_phase(*container_of(parts, entry.exec), entry.exec.container_id);
  entry.exec.started = true;
  return entry.exec;
}

RuntimeAttach make_attach(const Exec& exec, ExecStart& start) {
  RuntimeAttach attach;
  attach.id = exec.container_id;
  attach.exec_id = exec.id;
  attach.client = std::move(start.client);
  attach.in = exec.request.attach_stdin;
  attach.out = exec.request.attach_stdout;
  attach.err = exec.request.attach_stderr;
  attach.framed = !start.tty;
  if (exec.request.tty) attach.detach_keys = exec.request.detach_keys.empty() ? "\x10\x11" : exec.request.detach_keys;
  attach.pending = std::move(start.pending);
  return attach;
}

RuntimeExec make_exec(Parts& parts, const Container& container, const Exec& exec, ExecStart& start) {
  const ExecRequest& request = exec.request;
  RuntimeExec run;
  run.id = container.id;
  run.exec_id = exec.id;
  run.user = request.user.empty() ? container.config.user : request.user;
  run.groups = container.host_config.group_add;
  run.stdio.tty = request.tty;
  run.stdio.open_stdin = request.attach_stdin && !start.detach;
  run.stdio.stdin_once = run.stdio.open_stdin;
  run.stdio.rows = terminal_cells(start.console_rows ? start.console_rows : request.console_rows);
  run.stdio.cols = terminal_cells(start.console_cols ? start.console_cols : request.console_cols);
  const std::string& cwd = request.working_dir.empty() ? container.config.working_dir : request.working_dir;
  run.oci_process_json = make_exec_process(container, make_process_context(parts, container), request.cmd, request.env, cwd,
                                           request.tty, request.privileged)
                             .dump();
  if (start.client) run.attach = make_attach(exec, start);
  return run;
}

bool runs_externally(const Parts& parts, const ExecEntry& entry) {
  const EntryPtr container = parts.index.by_id(entry.exec.container_id);
  return container && parts.runtimes.is_external(*container->snapshot());
}

void note_failure(Parts& parts, ExecEntry& entry, const Error& error) {
  const std::lock_guard lock(entry.guard);
  entry.exec.exit_code = exec_code_of(error);
  entry.ended_ns = now_ns();
  entry.die_published = true;
  try {
    parts.store.erase_exec(entry.exec.id);
  } catch (const Error& e) {
    log::error("exec " + entry.exec.id + ": " + e.what());
  }
}

/// Whoever asked was told that it is done; a program that has ended or has no terminal needs no size.
void resize_early(Parts& parts, const Exec& exec, TerminalSize size) {
  DriverCall call(prompt_ns);
  try {
    parts.drivers.runtime.resize(call, exec.container_id, exec.id, terminal_cells(size.rows), terminal_cells(size.cols));
  } catch (const Error& e) {
    log::debug("exec " + exec.id + ": " + e.what());
  }
}

void run(Parts& parts, ExecEntry& entry, const Exec& exec, ExecStart& start) {
  DriverCall call;
  const ContainerPtr container = container_of(parts, exec);
  parts.store.insert_exec(exec);
  failpoint("exec.after_row");
  // Docker tells that it tries: an exec that cannot be run has this event and no "exec_die".
  parts.publish(*container, exec_action("exec_start", exec), {{"execID", exec.id}});
  RuntimeProcess process = parts.drivers.runtime.exec(call, make_exec(parts, *container, exec, start));
  std::optional<TerminalSize> size;
  {
    const std::lock_guard lock(entry.guard);
    // It may have ended, and somebody may have asked for its code.
    entry.exec.running = !entry.die_published;
    entry.exec.pid = process.pid;
    entry.exit_fd = std::move(process.exit_fd);
    if (entry.exec.running) size = entry.early_size;
  }
  if (size) resize_early(parts, exec, *size);
  failpoint("exec.after_exec");
}

/// The reply was sent long ago: the client reads what went wrong in its stream.
void tell_client(int client, bool raw, const Error& error) {
  const std::string text = std::string(error.what()) + "\r\n";
  send_all(client, raw ? text : stream_frame(1, text));
}

void start_exec(Parts& parts, ExecEntry& entry, ExecStart start) {
  const bool hijacked = static_cast<bool>(start.client);
  UniqueFd spare(hijacked ? ::fcntl(start.client.get(), F_DUPFD_CLOEXEC, 3) : -1);
  Exec exec;
  try {
    exec = claim(parts, entry);
    try {
      run(parts, entry, exec, start);
    } catch (const Error& e) {
      note_failure(parts, entry, e);
      throw;
    }
  } catch (const Error& cause) {
    const Error error = exec_error(cause, runs_externally(parts, entry));
    if (!hijacked) throw error;
    tell_client(spare.get(), start.tty, error);
  }
}

} // namespace

void ContainerService::check_exec_start(const std::string& exec_id) const {
  const Parts& parts = *impl_->parts;
  const ExecEntryPtr entry = parts.execs.find(exec_id);
  const std::lock_guard lock(entry->guard);
  const EntryPtr container = parts.index.by_id(entry->exec.container_id);
  if (!container) throw not_found("No such exec instance: " + exec_id);
  check_exec_phase(*container->snapshot(), entry->exec.container_id);
}

Task<void> ContainerService::exec_start(std::string exec_id, ExecStart start) {
  const PartsPtr parts = impl_->parts;
  const ExecEntryPtr entry = parts->execs.find(exec_id);
  auto job = [parts, entry, start = std::move(start)]() mutable { start_exec(*parts, *entry, std::move(start)); };
  co_await on(parts->exec_pool, std::move(job));
  const bool running = [&] {
    const std::lock_guard lock(entry->guard);
    return entry->exec.running;
  }();
  if (running) watch_exec(parts, entry);
}

} // namespace gantry::containers
