#include "containers/start.hpp"

#include <unistd.h>

#include "base/error.hpp"
#include "base/log.hpp"
#include "base/rollback.hpp"
#include "base/time.hpp"
#include "containers/apparmor.hpp"
#include "containers/driver_call.hpp"
#include "containers/exit.hpp"
#include "containers/failpoints.hpp"
#include "containers/health/monitor.hpp"
#include "containers/health/rules.hpp"
#include "containers/links.hpp"
#include "containers/log_policy.hpp"
#include "containers/mounts.hpp"
#include "containers/namespace_join.hpp"
#include "containers/network_files.hpp"
#include "containers/networking.hpp"
#include "containers/propagation.hpp"
#include "containers/remove.hpp"
#include "containers/selinux/relabel_files.hpp"
#include "containers/spec_context.hpp"
#include "containers/start_error.hpp"
#include "containers/start_steps.hpp"
#include "containers/terminal_size.hpp"
#include "containers/volumes.hpp"

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

RuntimeCreate create_request(Parts& parts, const Container& container, const SpecContext& context) {
  DriverCall call;
  if (container.apparmor_profile == default_apparmor_profile) load_default_apparmor_profile();
  RuntimeCreate request;
  request.id = container.id;
  request.bundle = parts.paths.container(container.id);
  request.oci_spec_json = make_spec(container, context).dump();
  request.rootfs = parts.drivers.storage.mounts(call, container.id);
  request.user = container.config.user;
  request.groups = container.host_config.group_add;
  request.stdio = stdio_policy(container);
  request.runtime = parts.runtimes.for_driver(container.host_config.runtime);
  if (!request.runtime.empty() && !parts.features().external)
    throw not_implemented("the runtime driver does not know other OCI runtimes, such as " + request.runtime);
  request.log = make_log_policy(container, parts.paths.container_log(container.id), parts.drivers.logs);
  return request;
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
  entry.restart_on_exit = false;
  if (kind == StartKind::by_user) entry.restart_delay_ns = 0;
  const ContainerPtr before = entry.snapshot();
  const Networking networking = reserve_networks(parts, *before);
  Rollback rollback;
  rollback.add("leave networks of " + entry.id, [&] {
    Container reserved = *before;
    reserved.networks = networking.networks;
    leave_networks(parts, reserved);
  });
  failpoint("start.after_reserve");
  parts.apply(entry, [&](Container& c) {
    c.restarts = c.phase == Phase::restarting;
    c.phase = Phase::starting;
    c.networks = networking.networks;
    c.ports = networking.ports;
    c.error.clear();
    c.runtime_state.clear();
    c.manually_stopped = false;
    c.restart_count = kind == StartKind::by_user ? 0 : c.restart_count + 1;
    c.history.end_request = {};
  });
  rollback.dismiss();
}

/// Who shares a network shares its host's name: the image's programs look that up in /etc/hosts.
ContainerPtr take_names(Parts& parts, Entry& entry) {
  const ContainerPtr container = entry.snapshot();
  const ContainerPtr network = [&] {
    try {
      return joined_container(parts, container->host_config.network_mode);
    } catch (const Error& e) {
      throw e.context("joining network namespace of container");
    }
  }();
  if (!network ||
      (network->config.hostname == container->config.hostname && network->config.domainname == container->config.domainname))
    return container;
  return parts.apply(entry, [&](Container& c) {
    c.config.hostname = network->config.hostname;
    c.config.domainname = network->config.domainname;
  });
}

/// An init that has ended by itself is why its namespace is gone: what it has to say is told instead.
void join_or_tell(Parts& parts, const Container& container, std::int32_t pid) {
  try {
    join_networks(parts, container, pid);
  } catch (const Error&) {
    const std::string path = "/proc/" + std::to_string(pid) + "/ns/net";
    DriverCall call;
    if (::access(path.c_str(), F_OK) != 0) parts.drivers.runtime.start(call, container.id);
    throw;
  }
}

RuntimeProcess run(Parts& parts, Entry& entry, StartSteps& steps) {
  DriverCall call;
  failpoint("start.after_starting");
  steps.begin("files");
  const ContainerPtr container = take_names(parts, entry);
  write_network_files(*container, parts.paths.container(entry.id), parts.defaults, host_names(parts, *container));
  create_bind_sources(container->mounts);
  check_propagation(container->mounts);
  failpoint("start.after_files");
  steps.begin("mounts and specification");
  VolumeMounts volumes = mount_volumes(parts, *container);
  failpoint("start.after_volumes");
  selinux::relabel_files(parts, *container, volumes);
  // Holds the namespaces that the spec names until they have been entered.
  const SpecContext context = make_start_context(parts, *container, volumes);
  const RuntimeCreate request = create_request(parts, *container, context);
  parts.logs.keep(*container);
  steps.begin("create");
  RuntimeProcess process = parts.drivers.runtime.create(call, request);
  failpoint("start.after_create");
  steps.begin("network");
  join_or_tell(parts, *container, process.pid);
  failpoint("start.after_join");
  steps.begin("attach");
  attach_parked(parts, entry);
  failpoint("start.after_attach");
  steps.begin("start");
  // Before its first line: clients ask for the log since this time.
  const std::int64_t started_ns = now_ns();
  parts.drivers.runtime.start(call, entry.id);
  failpoint("start.after_start");
  steps.begin("record");
  parts.apply(entry, [&](Container& c) {
    c.phase = Phase::running;
    c.pid = process.pid;
    c.exit_code = 0;
    c.oom_killed = false;
    c.started_ns = started_ns;
    begin_health(c);
    c.runtime_state = process.state_json;
    c.history.start = steps.record();
  });
  failpoint("start.after_running");
  return process;
}

/// Leaves nothing of a failed start but its error.
void undo(Parts& parts, Entry& entry, const Error& error, StartSteps& steps) {
  DriverCall call;
  steps.fail();
  entry.take_parked(); // closed: nothing is ever going to come
  try {
    parts.drivers.runtime.remove(call, entry.id, true);
  } catch (const Error& e) {
    log::error("container " + entry.id + ": clean up after a failed start: " + e.what());
  }
  leave_networks(parts, *entry.snapshot());
  unmount_volumes(parts, *entry.snapshot());
  parts.apply_fact(entry, [&](Container& c) {
    c.phase = c.started_ns != 0 ? Phase::exited : Phase::created;
    c.pid = 0;
    forget_networks(c);
    c.exit_code = exit_code_of(error);
    c.error = error.what();
    c.history.start = steps.record();
  });
}

RuntimeProcess launch(Parts& parts, Entry& entry, StartKind kind) {
  StartSteps steps;
  steps.record().time_ns = now_ns();
  steps.record().by_policy = kind == StartKind::by_restart_policy;
  try {
    steps.begin("addresses and ports");
    begin(parts, entry, kind);
    RuntimeProcess process = run(parts, entry, steps);
    const ContainerPtr running = entry.snapshot();
    parts.publish(*running, "start", {}, running->started_ns);
    return process;
  } catch (const Error& cause) {
    const Error error = start_error(cause, parts.runtimes.is_external(*entry.snapshot()));
    undo(parts, entry, error, steps);
    throw error;
  } catch (const std::exception& cause) {
    const Error error = internal(cause.what());
    undo(parts, entry, error, steps);
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
    watch_health(parts, entry);
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
