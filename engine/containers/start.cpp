#include "containers/start.hpp"

#include "base/error.hpp"
#include "base/log.hpp"
#include "base/time.hpp"
#include "containers/driver_call.hpp"
#include "containers/exit.hpp"
#include "containers/failpoints.hpp"
#include "containers/log_policy.hpp"
#include "containers/mounts.hpp"
#include "containers/network_files.hpp"
#include "containers/remove.hpp"
#include "containers/runtimes.hpp"
#include "containers/spec_context.hpp"
#include "containers/start_error.hpp"
#include "containers/terminal_size.hpp"

namespace gantry::containers {
namespace {

StdioPolicy stdio_policy(const Container& container) {
  StdioPolicy stdio;
  stdio.tty = container.config.tty;
  stdio.open_stdin = container.config.open_stdin;
  stdio.stdin_once = container.config.stdin_once;
  stdio.rows = terminal_cells(container.host_config.console_rows);
  stdio.cols = terminal_cells(container.host_config.console_cols);
  return stdio;
}

RuntimeProcess create_process(Parts& parts, const Container& container) {
  DriverCall call;
  RuntimeCreate request;
  request.id = container.id;
  request.bundle = parts.paths.container(container.id);
  request.oci_spec_json = make_spec(container, make_start_context(parts, container)).dump();
  request.rootfs = parts.drivers.storage.mounts(call, container.id);
  request.user = container.config.user;
  request.groups = container.host_config.group_add;
  request.stdio = stdio_policy(container);
  request.runtime = external_runtime(parts.defaults, container.host_config.runtime);
  if (!request.runtime.empty() && !parts.features().external)
    throw not_implemented("the runtime driver does not know other OCI runtimes, such as " + request.runtime);
  request.log = make_log_policy(container, parts.paths.container_log(container.id), parts.drivers.logs);
  return parts.drivers.runtime.create(call, request);
}

void attach_parked(Parts& parts, Entry& entry) {
  DriverCall call;
  for (auto& client : entry.take_parked()) {
    try {
      parts.drivers.runtime.attach(call, std::move(client));
    } catch (const Error& e) {
      log::warn("container " + entry.id + ": a client that waited for the start was not attached: " + e.what());
    }
  }
}

void begin(Parts& parts, Entry& entry, StartKind kind) {
  entry.exit_on_next = false;
  if (kind == StartKind::by_user) entry.restart_delay_ns = 0;
  parts.apply(entry, [&](Container& c) {
    c.phase = Phase::starting;
    c.error.clear();
    c.runtime_state.clear();
    c.manually_stopped = false;
    c.restart_count = kind == StartKind::by_user ? 0 : c.restart_count + 1;
  });
}

RuntimeProcess run(Parts& parts, Entry& entry) {
  DriverCall call;
  const ContainerPtr container = entry.snapshot();
  failpoint("start.after_starting");
  write_network_files(*container, parts.paths.container(entry.id), parts.defaults);
  create_bind_sources(container->host_config);
  failpoint("start.after_files");
  parts.logs.keep(*container);
  RuntimeProcess process = create_process(parts, *container);
  failpoint("start.after_create");
  attach_parked(parts, entry);
  failpoint("start.after_attach");
  parts.drivers.runtime.start(call, entry.id);
  failpoint("start.after_start");
  parts.apply(entry, [&](Container& c) {
    c.phase = Phase::running;
    c.pid = process.pid;
    c.exit_code = 0;
    c.oom_killed = false;
    c.started_ns = now_ns();
    c.runtime_state = process.state_json;
  });
  failpoint("start.after_running");
  return process;
}

/// Leaves nothing of a failed start but its error.
void undo(Parts& parts, Entry& entry, const Error& error) {
  DriverCall call;
  entry.take_parked(); // closed: nothing is ever going to come
  try {
    parts.drivers.runtime.remove(call, entry.id, true);
  } catch (const Error& e) {
    log::error("container " + entry.id + ": clean up after a failed start: " + e.what());
  }
  parts.apply_fact(entry, [&](Container& c) {
    c.phase = c.started_ns != 0 ? Phase::exited : Phase::created;
    c.pid = 0;
    c.exit_code = exit_code_of(error);
    c.error = error.what();
  });
}

RuntimeProcess launch(Parts& parts, Entry& entry, StartKind kind) {
  begin(parts, entry, kind);
  try {
    RuntimeProcess process = run(parts, entry);
    parts.publish(*entry.snapshot(), "start");
    return process;
  } catch (const Error& cause) {
    const Error error = start_error(cause, uses_external_runtime(parts.defaults, *entry.snapshot()));
    undo(parts, entry, error);
    throw error;
  } catch (const std::exception& cause) {
    const Error error = internal(cause.what());
    undo(parts, entry, error);
    throw error;
  }
}

} // namespace

Task<void> start_locked(PartsPtr parts, EntryPtr entry, StartKind kind) {
  std::exception_ptr failure;
  try {
    auto job = [parts, entry, kind] { return launch(*parts, *entry, kind); };
    RuntimeProcess process = co_await on(parts->pool, std::move(job));
    watch_exit(parts, entry, std::move(process.exit_fd));
  } catch (...) {
    failure = std::current_exception();
  }
  if (!failure) co_return;
  if (entry->snapshot()->host_config.auto_remove && !entry->removing.exchange(true)) {
    auto job = [parts, entry] { destroy(*parts, *entry); };
    co_await on(parts->pool, std::move(job));
  }
  std::rethrow_exception(failure);
}

Task<Changed> ContainerService::start(std::string reference) {
  const PartsPtr parts = impl_->parts;
  const EntryPtr entry = parts->index.find(reference);
  auto guard = co_await entry->mutex.lock();
  const Phase phase = entry->snapshot()->phase;
  if (phase == Phase::running || phase == Phase::restarting) co_return Changed::no;
  if (phase == Phase::paused) throw Error(Code::forbidden_state, "cannot start a paused container, try unpause instead");
  if (phase == Phase::removing || phase == Phase::dead || entry->removing) {
    throw Error(Code::forbidden_state, "container is marked for removal and cannot be started");
  }
  co_await start_locked(parts, entry, StartKind::by_user);
  co_return Changed::yes;
}

} // namespace gantry::containers
