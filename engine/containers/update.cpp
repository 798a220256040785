#include "containers/update.hpp"

#include <filesystem>

#include "base/error.hpp"
#include "base/file.hpp"
#include "base/log.hpp"
#include "base/rollback.hpp"
#include "containers/change_mounts.hpp"
#include "containers/change_networks.hpp"
#include "containers/driver_call.hpp"
#include "containers/failpoints.hpp"
#include "containers/spec.hpp"
#include "containers/validate.hpp"

// The kernel is changed first: it is the one that refuses. Then the new limits are stored; a container that has been left
// between the two has a mark on disk, by which the next engine knows.
namespace gantry::containers {
namespace {

/// Between two tries to settle an update.
constexpr std::chrono::milliseconds first_pause{250}, longest_pause{60'000};

std::string mark_path(const Parts& parts, const std::string& id) { return parts.paths.container(id) + "/updating"; }

Error conflict(const std::string& why) { return {Code::forbidden_state, why}; }

void check_against_present(const Resources& wanted, const Resources& present) {
  const auto refuse = [](const char* what, const char* set) {
    return conflict(std::string("Conflicting options: ") + what + " cannot be updated as " + set + " has already been set");
  };
  if (wanted.nano_cpus > 0 && present.cpu_period > 0) throw refuse("Nano CPUs", "CPU Period");
  if (wanted.nano_cpus > 0 && present.cpu_quota > 0) throw refuse("Nano CPUs", "CPU Quota");
  if (wanted.cpu_period > 0 && present.nano_cpus > 0) throw refuse("CPU Period", "NanoCPUs");
  if (wanted.cpu_quota > 0 && present.nano_cpus > 0) throw refuse("CPU Quota", "NanoCPUs");
  if (wanted.memory != 0 && wanted.memory > present.memory_swap && wanted.memory_swap == 0) {
    throw conflict("Memory limit should be smaller than already set memoryswap limit, update the memoryswap at the same time");
  }
}

template <class T>
void take(T& present, const T& wanted) {
  if (wanted != T{}) present = wanted;
}

void merge(Resources& present, const Resources& wanted) {
  take(present.blkio_weight, wanted.blkio_weight);
  take(present.cpu_shares, wanted.cpu_shares);
  take(present.nano_cpus, wanted.nano_cpus);
  take(present.cpu_period, wanted.cpu_period);
  take(present.cpu_quota, wanted.cpu_quota);
  take(present.cpu_realtime_period, wanted.cpu_realtime_period);
  take(present.cpu_realtime_runtime, wanted.cpu_realtime_runtime);
  take(present.cpuset_cpus, wanted.cpuset_cpus);
  take(present.cpuset_mems, wanted.cpuset_mems);
  take(present.memory, wanted.memory);
  take(present.memory_swap, wanted.memory_swap);
  take(present.memory_reservation, wanted.memory_reservation);
  take(present.pids_limit, wanted.pids_limit);
}

/// Docker leaves these to the kernel, which says "invalid argument", or to the next start.
void check_merged(const Resources& all) {
  if (all.memory_swap > 0 && all.memory == 0) {
    throw conflict("You should always set the Memory limit when using Memoryswap limit, see usage");
  }
  if (all.memory_swap > 0 && all.memory_swap < all.memory) {
    throw conflict("Minimum memoryswap limit should be larger than memory limit, see usage");
  }
  if (all.cpu_realtime_period != 0 && all.cpu_realtime_runtime > all.cpu_realtime_period) {
    throw conflict("cpu real-time runtime cannot be higher than cpu real-time period");
  }
}

HostConfig merged(const Container& container, const UpdateRequest& wanted) {
  HostConfig config = container.host_config;
  check_against_present(wanted.resources, config.resources);
  merge(config.resources, wanted.resources);
  check_merged(config.resources);
  if (wanted.restart_policy.name.empty()) return config;
  if (config.auto_remove && wanted.restart_policy.name != "no") {
    throw conflict("Restart policy cannot be updated because AutoRemove is enabled for the container");
  }
  config.restart_policy = wanted.restart_policy;
  return config;
}

/// What create may limit and update may not is dropped.
Resources updatable(const Resources& wanted) {
  Resources only;
  merge(only, wanted);
  return only;
}

void apply_to_kernel(Parts& parts, const std::string& id, const Json& resources) {
  DriverCall call;
  parts.drivers.runtime.update(call, id, resources.dump());
}

/// What is published and what the container is: the former is what lives on when the engine dies in between.
void store(Parts& parts, const Container& after, const NetworkChanges& network) {
  if (network.changes_ports()) parts.store.update(after);
  failpoint("update.after_ports");
  parts.store.update_config(after);
}

void update_container(Parts& parts, Entry& entry, const UpdateRequest& wanted) {
  if (!settle_update(parts, entry))
    throw unavailable("what an earlier update has left half-done when the engine died cannot be undone yet; see the log");
  const ContainerPtr before = entry.snapshot();
  if (entry.removing || before->phase == Phase::removing || before->phase == Phase::dead) {
    throw conflict("container is marked for removal and cannot be \"update\"");
  }
  const HostConfig config = merged(*before, wanted);
  Container after = *before;
  after.host_config = config;
  merge_network_changes(parts, after, wanted.network);
  const std::uint32_t version = parts.features().cgroup_version;
  const Json changes = make_changed_resources(updatable(wanted.resources), config.resources, version);
  MountChange mounts(parts, *before, wanted.mounts);
  const bool limits = is_running(before->phase) && !changes.empty();
  const bool marked = limits || (is_running(before->phase) && !mounts.empty());
  const std::string mark = mark_path(parts, entry.id);
  Rollback rollback;
  if (marked) {
    write_file_atomic(mark, mounts.empty() ? "" : mounts.mark().dump(), 0600);
    rollback.add("remove " + mark, [&] { std::filesystem::remove(mark); });
    failpoint("update.after_mark");
  }
  if (limits) {
    apply_to_kernel(parts, entry.id, changes);
    rollback.add("undo the new limits of " + entry.id,
                 [&] { apply_to_kernel(parts, entry.id, make_whole_resources(before->host_config.resources, version)); });
    failpoint("update.after_kernel");
  }
  apply_network_changes(parts, *before, after, wanted.network, rollback);
  failpoint("update.after_network");
  mounts.apply(after, rollback);
  store(parts, after, wanted.network);
  rollback.dismiss();
  entry.publish(std::move(after));
  failpoint("update.after_store");
  mounts.finish();
  std::error_code stays; // then the next engine settles it once more
  if (marked) std::filesystem::remove(mark, stays);
  parts.publish(*entry.snapshot(), "update");
}

} // namespace

bool is_unsettled(const Parts& parts, const Entry& entry) {
  std::error_code missing;
  return std::filesystem::exists(mark_path(parts, entry.id), missing);
}

bool settle_update(Parts& parts, Entry& entry) {
  if (!is_unsettled(parts, entry)) return true;
  const std::string mark = mark_path(parts, entry.id);
  const ContainerPtr container = entry.snapshot();
  try {
    if (is_running(container->phase))
      apply_to_kernel(parts, entry.id, make_whole_resources(container->host_config.resources, parts.features().cgroup_version));
    if (const Json mounts = Json::parse(read_file(mark), nullptr, false); mounts.is_object()) settle_mounts(parts, entry, mounts);
  } catch (const std::exception& e) {
    log::warn("container " + entry.id + ": bring its limits and mounts back to what is stored: " + e.what());
    return false;
  }
  std::error_code missing;
  std::filesystem::remove(mark, missing);
  return true;
}

Task<void> settle_later(PartsPtr parts, EntryPtr entry) {
  Latch never;
  for (auto pause = first_pause;; pause = std::min<std::chrono::milliseconds>(2 * pause, longest_pause)) {
    (void)co_await never.wait_for(pause);
    auto guard = co_await entry->mutex.lock();
    auto job = [parts, entry] { return settle_update(*parts, *entry); };
    if (co_await on(parts->pool, job)) co_return;
  }
}

Task<std::vector<std::string>> ContainerService::update(std::string reference, UpdateRequest request) {
  const PartsPtr parts = impl_->parts;
  std::vector<std::string> warnings;
  validate_restart_policy(request.restart_policy);
  validate_resources(request.resources, this_machine(parts->features().cgroup_version), warnings, Occasion::update);
  const EntryPtr entry = parts->index.find(reference);
  auto guard = co_await entry->mutex.lock();
  auto job = [parts, entry, request = std::move(request)] {
    try {
      update_container(*parts, *entry, request);
    } catch (const Error& e) {
      throw e.code() == Code::not_found
          ? conflict("Cannot update container " + entry->id + ": it has just ended")
          : Error(e.code(), "Cannot update container " + entry->id + ": " + e.what(), e.reason(), e.os_errno());
    }
  };
  co_await on(parts->pool, std::move(job));
  co_return warnings;
}

} // namespace gantry::containers
