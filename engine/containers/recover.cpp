#include <time.h>

#include <filesystem>
#include <set>

#include "base/error.hpp"
#include "base/log.hpp"
#include "base/time.hpp"
#include "containers/auto_remove.hpp"
#include "containers/boot.hpp"
#include "containers/driver_call.hpp"
#include "containers/exec.hpp"
#include "containers/exit.hpp"
#include "containers/finished_run.hpp"
#include "containers/health/command_probe.hpp"
#include "containers/health/monitor.hpp"
#include "containers/health/rules.hpp"
#include "containers/networking.hpp"
#include "containers/remove.hpp"
#include "containers/restart_policy.hpp"
#include "containers/start.hpp"
#include "containers/subpaths.hpp"
#include "containers/update.hpp"
#include "containers/volumes.hpp"
#include "networks/network_service.hpp"

// What a daemon finds when it starts. Every phase in the database is a promise: "starting" may have a process or none,
// "running" may have ended meanwhile, "removing" was asked for. Each is brought to a state that the user can understand.
namespace gantry::containers {
namespace {

/// What is to be done for one container once the drivers have answered.
struct Found {
  EntryPtr entry;
  UniqueFd exit_fd;     ///< of a process that lives, or ended meanwhile
  bool restart = false; ///< by its policy
  bool hold = false;    ///< AutoRemove waits for whoever wants the exit code
};

std::optional<RuntimeStatus> reattach(Parts& parts, const Container& container) {
  DriverCall call;
  try {
    return parts.drivers.runtime.reattach(call, {container.id, container.runtime_state});
  } catch (const Error& e) {
    if (e.code() != Code::not_found) log::warn("container " + container.id + ": reattach: " + e.what());
    return std::nullopt;
  }
}

void forget_process(Parts& parts, const std::string& id) {
  DriverCall call;
  try {
    parts.drivers.runtime.remove(call, id, true);
  } catch (const Error& e) {
    log::warn("container " + id + ": remove what is left of its process: " + e.what());
  }
}

/// A start that nobody has heard the end of and whose program has not run: as if it had not been asked for.
void undo_start(Parts& parts, Entry& entry) {
  forget_process(parts, entry.id);
  leave_networks(parts, *entry.snapshot());
  unmount_volumes(parts, *entry.snapshot());
  parts.apply(entry, [](Container& c) {
    c.phase = c.started_ns != 0 ? Phase::exited : Phase::created;
    c.pid = 0;
    forget_networks(c);
  });
}

void adopt(Parts& parts, Entry& entry, const RuntimeStatus& status) {
  parts.apply(entry, [&](Container& c) {
    if (c.phase == Phase::starting) {
      c.phase = Phase::running;
      c.started_ns = now_ns();
      c.exit_code = 0;
      c.oom_killed = false;
      begin_health(c);
    }
    if (status.state == RuntimeState::paused && c.phase == Phase::running) c.phase = Phase::paused;
    if (status.state == RuntimeState::running && c.phase == Phase::paused) c.phase = Phase::running;
    c.pid = status.process.pid;
    if (!status.process.state_json.empty()) c.runtime_state = status.process.state_json;
  });
}

/// Nothing is left of a process that ran: the machine was rebooted, or somebody killed the shim.
void note_loss(Parts& parts, Entry& entry) {
  leave_networks(parts, *entry.snapshot());
  unmount_volumes(parts, *entry.snapshot());
  parts.apply(entry, [](Container& c) {
    c.phase = Phase::exited;
    forget_networks(c);
    c.pid = 0;
    c.exit_code = 255;
    c.finished_ns = now_ns();
    suspend_health(c);
    c.history.add(lost_run(c));
  });
}

/// Applies an exit that happened while no daemon ran. `started` containers keep the time of their start.
void note_exit(Parts& parts, Entry& entry, const RuntimeStatus& status) {
  adopt(parts, entry, status);
  entry.exit_on_next = true; // restart policies are applied for all containers at the end of recovery
  ++entry.keep_on_exit;
  record_exit(parts, entry);
  --entry.keep_on_exit;
}

void recover_process(Parts& parts, Found& found) {
  Entry& entry = *found.entry;
  const ContainerPtr container = entry.snapshot();
  auto status = reattach(parts, *container);
  const bool starting = container->phase == Phase::starting;
  const bool lives = status && status->state != RuntimeState::created && status->state != RuntimeState::stopped;
  if (!lives) (void)adopt_networks(parts, *container); // so that they are left as they should be
  if (!status) {
    starting ? undo_start(parts, entry) : note_loss(parts, entry);
  } else if (status->state == RuntimeState::created) {
    undo_start(parts, entry);
  } else if (status->state == RuntimeState::stopped) {
    note_exit(parts, entry, *status);
    found.hold = true;
  } else {
    adopt(parts, entry, *status);
    auto ports = adopt_networks(parts, *entry.snapshot());
    // Fewer where the host has no way to some of them any more.
    if (ports.size() != entry.snapshot()->ports.size()) parts.apply(entry, [&](Container& c) { c.ports = std::move(ports); });
    found.exit_fd = std::move(status->process.exit_fd);
  }
}

/// AutoRemove of a container that ended, or whose start was undone, while no daemon ran.
bool is_left_over(const Container& before, const Container& now) {
  const bool was_live = is_running(before.phase) || before.phase == Phase::starting || before.phase == Phase::exited ||
                        before.phase == Phase::restarting;
  return now.host_config.auto_remove && was_live && !is_running(now.phase);
}

/// Its health check had ended it when the daemon died, so that it should run again.
bool was_being_restarted(const Container& before) {
  return is_running(before.phase) && !before.manually_stopped && before.extensions.on_unhealthy == "restart" &&
         has_failed(before);
}

/// When the machine was booted: nobody waits for what ended before that.
std::int64_t boot_ns() {
  timespec up{};
  ::clock_gettime(CLOCK_BOOTTIME, &up);
  return now_ns() - (up.tv_sec * std::int64_t{1'000'000'000} + up.tv_nsec);
}

void recover_one(Parts& parts, Found& found) {
  Entry& entry = *found.entry;
  const ContainerPtr before = entry.snapshot();
  switch (before->phase) {
    case Phase::starting:
    case Phase::running:
    case Phase::paused:
      recover_process(parts, found);
      (void)settle_update(parts, entry); // or later
      break;
    case Phase::restarting:
      forget_process(parts, entry.id);
      parts.apply(entry, [](Container& c) { c.phase = Phase::exited; });
      break;
    case Phase::removing:
      entry.removing = true;
      destroy(parts, entry);
      return;
    case Phase::created:
    case Phase::exited:
    case Phase::dead:
      break;
  }
  const ContainerPtr now = entry.snapshot();
  found.restart = now->phase == Phase::exited &&
                  (before->phase == Phase::restarting || wants_start_at_boot(*now) || was_being_restarted(*before));
  found.hold = found.hold || (before->phase == Phase::exited && before->finished_ns > boot_ns());
  if (found.restart || !is_left_over(*before, *now)) {
    found.hold = false;
  } else if (!found.hold) {
    entry.removing = true;
    destroy(parts, entry);
  }
}

/// Execs of live containers come back; those that ended are asked for their code.
std::vector<ExecEntryPtr> recover_execs(Parts& parts) {
  std::vector<ExecEntryPtr> running;
  DriverCall call;
  for (Exec& exec : parts.store.load_execs()) {
    const EntryPtr container = parts.index.by_id(exec.container_id);
    if (!container || !is_running(container->snapshot()->phase)) {
      parts.store.erase_exec(exec.id);
      continue;
    }
    auto entry = std::make_shared<ExecEntry>(std::move(exec));
    try {
      RuntimeStatus status = parts.drivers.runtime.reattach_exec(call, container->id, entry->exec.id);
      entry->exec.running = true;
      entry->exec.pid = status.process.pid;
      entry->exit_fd = std::move(status.process.exit_fd);
    } catch (const Error&) {
      // Never ran, or ended more than five minutes ago.
      parts.store.erase_exec(entry->exec.id);
      continue;
    }
    parts.execs.add(entry);
    running.push_back(std::move(entry));
  }
  return running;
}

/// Directories of containers that were never stored, or whose row is gone already.
void remove_strays(Parts& parts) {
  for (const auto& item : std::filesystem::directory_iterator(parts.paths.containers())) {
    if (parts.index.by_id(item.path().filename())) continue;
    try {
      parts.trash.throw_away(item.path());
    } catch (const std::exception& e) {
      log::warn("remove " + item.path().string() + ": " + e.what());
    }
  }
}

void reconcile_drivers(Parts& parts) {
  DriverCall call;
  std::vector<std::string> live, kept;
  for (const auto& entry : parts.index.all()) {
    kept.push_back(entry->id);
    if (is_running(entry->snapshot()->phase)) live.push_back(entry->id);
  }
  parts.drivers.runtime.reconcile(call, live);
  parts.drivers.storage.reconcile(call, kept);
  if (parts.drivers.networks) parts.drivers.networks->reconcile();
}

/// Before any container is looked at: removals need to know who else uses a volume.
void recover_volumes(Parts& parts) {
  std::map<std::string, std::vector<std::string>> users;
  std::vector<std::string> live;
  for (const auto& entry : parts.index.all()) {
    const ContainerPtr container = entry->snapshot();
    for (const auto& point : container->mounts) {
      if (point.type == "volume") users[entry->id].push_back(point.name);
    }
    if (is_running(container->phase) || container->phase == Phase::starting) live.push_back(entry->id);
  }
  hide_all(parts.paths.subpath_mounts());
  parts.volumes.recover(users, live);
}

struct Recovered {
  std::vector<Found> containers;
  std::vector<ExecEntryPtr> execs;
};

Recovered recover_all(Parts& parts) {
  Recovered recovered;
  for (Container& container : parts.store.load()) {
    parts.index.reserve(container.name, container.id);
    auto entry = std::make_shared<Entry>(std::move(container));
    parts.index.add(entry);
    recovered.containers.push_back({std::move(entry), UniqueFd(), false, false});
  }
  recover_volumes(parts);
  for (Found& found : recovered.containers) {
    try {
      recover_one(parts, found);
    } catch (const Error& e) {
      // One broken container must not keep the others down.
      log::error("container " + found.entry->id + ": recovery: " + e.what());
    }
  }
  for (const auto& entry : parts.index.all()) parts.logs.keep(*entry->snapshot());
  recovered.execs = recover_execs(parts);
  for (const Found& found : recovered.containers) {
    if (found.exit_fd) kill_stray_probes(parts, *found.entry->snapshot());
  }
  reconcile_drivers(parts);
  parts.trash.empty();
  remove_strays(parts);
  return recovered;
}

} // namespace

Task<void> ContainerService::recover() {
  const PartsPtr parts = impl_->parts;
  auto job = [parts] { return recover_all(*parts); };
  Recovered recovered = co_await on(parts->pool, std::move(job));
  std::vector<EntryPtr> to_start;
  for (Found& found : recovered.containers) {
    if (found.exit_fd) {
      watch_exit(parts, found.entry, std::move(found.exit_fd));
      if (found.entry->snapshot()->phase == Phase::running) watch_health(parts, found.entry);
    }
    if (is_unsettled(*parts, *found.entry))
      parts->background.spawn([parts, entry = found.entry] { return settle_later(parts, entry); });
    if (found.hold) hold_removal(parts, found.entry);
    if (found.restart) to_start.push_back(found.entry);
  }
  start_at_boot(parts, to_start);
  for (auto& exec : recovered.execs) watch_exec(parts, exec);
}

} // namespace gantry::containers
