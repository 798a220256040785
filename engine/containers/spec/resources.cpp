#include <sys/stat.h>
#include <sys/sysmacros.h>

#include <algorithm>
#include <cerrno>
#include <system_error>

#include "base/error.hpp"
#include "containers/spec.hpp"

// OCI linux.resources. A member is written only when it limits something: what is absent is left as it is.
namespace gantry::containers {
namespace {

constexpr std::int64_t default_period = 100'000;

Json memory(const Resources& r, bool v1) {
  Json json = Json::object();
  if (r.memory > 0) json["limit"] = r.memory;
  if (r.memory_reservation > 0) json["reservation"] = r.memory_reservation;
  // Memory and swap together; without a word from the user as much swap as memory.
  if (r.memory_swap != 0) {
    json["swap"] = std::max<std::int64_t>(r.memory_swap, -1); // any negative number has always meant "no limit"
  } else if (r.memory > 0) {
    json["swap"] = 2 * r.memory;
  }
  if (v1 && r.memory_swappiness && *r.memory_swappiness >= 0) json["swappiness"] = *r.memory_swappiness;
  if (v1 && r.oom_kill_disable.value_or(false)) json["disableOOMKiller"] = true;
  if (v1 && r.kernel_memory_tcp > 0) json["kernelTCP"] = r.kernel_memory_tcp;
  return json;
}

Json cpu(const Resources& r) {
  Json json = Json::object();
  if (r.cpu_shares > 0) json["shares"] = r.cpu_shares;
  if (r.nano_cpus > 0) {
    json["period"] = default_period;
    json["quota"] = r.nano_cpus * default_period / 1'000'000'000;
  }
  if (r.cpu_quota != 0) json["quota"] = r.cpu_quota;
  if (r.cpu_period > 0) json["period"] = r.cpu_period;
  if (r.cpu_realtime_period > 0) json["realtimePeriod"] = r.cpu_realtime_period;
  if (r.cpu_realtime_runtime > 0) json["realtimeRuntime"] = r.cpu_realtime_runtime;
  if (!r.cpuset_cpus.empty()) json["cpus"] = r.cpuset_cpus;
  if (!r.cpuset_mems.empty()) json["mems"] = r.cpuset_mems;
  return json;
}

Json numbered(const std::string& path) {
  struct stat info {};
  if (::stat(path.c_str(), &info) != 0)
    throw invalid("stat " + path + ": " +
                  (errno == ENOENT ? "no such file or directory" : std::generic_category().message(errno)));
  if (!S_ISBLK(info.st_mode)) throw invalid(path + ": not a block device, block I/O limits apply to those only");
  return {{"major", major(info.st_rdev)}, {"minor", minor(info.st_rdev)}};
}

void add_throttles(Json& json, const char* member, const std::vector<ThrottleDevice>& devices) {
  for (const auto& device : devices) {
    Json entry = numbered(device.path);
    entry["rate"] = device.rate;
    json[member].push_back(std::move(entry));
  }
}

Json block_io(const Resources& r) {
  Json json = Json::object();
  if (r.blkio_weight > 0) json["weight"] = r.blkio_weight;
  for (const auto& device : r.blkio_weight_device) {
    Json entry = numbered(device.path);
    entry["weight"] = device.weight;
    json["weightDevice"].push_back(std::move(entry));
  }
  add_throttles(json, "throttleReadBpsDevice", r.blkio_device_read_bps);
  add_throttles(json, "throttleWriteBpsDevice", r.blkio_device_write_bps);
  add_throttles(json, "throttleReadIOPSDevice", r.blkio_device_read_iops);
  add_throttles(json, "throttleWriteIOPSDevice", r.blkio_device_write_iops);
  return json;
}

void put(Json& json, const char* member, Json value) {
  if (!value.empty()) json[member] = std::move(value);
}

Json pids(const Resources& r) {
  Json json = Json::object();
  if (r.pids_limit) json["limit"] = *r.pids_limit > 0 ? *r.pids_limit : -1;
  return json;
}

} // namespace

Json make_resources(const Resources& r, std::uint32_t cgroup_version) {
  Json json = Json::object();
  put(json, "memory", memory(r, cgroup_version == 1));
  put(json, "cpu", cpu(r));
  put(json, "pids", pids(r));
  put(json, "blockIO", block_io(r));
  return json;
}

Json make_changed_resources(const Resources& wanted, const Resources& all, std::uint32_t cgroup_version) {
  Resources changed = wanted;
  // Pairs that bound each other, or share a file on v2, travel together.
  if (wanted.memory != 0 || wanted.memory_swap != 0) {
    changed.memory = all.memory;
    changed.memory_swap = all.memory_swap;
  }
  if (wanted.cpu_period != 0 || wanted.cpu_quota != 0) {
    changed.cpu_period = all.cpu_period;
    changed.cpu_quota = all.cpu_quota;
  }
  if (wanted.cpu_realtime_period != 0 || wanted.cpu_realtime_runtime != 0) {
    changed.cpu_realtime_period = all.cpu_realtime_period;
    changed.cpu_realtime_runtime = all.cpu_realtime_runtime;
  }
  return make_resources(changed, cgroup_version);
}

Json make_whole_resources(const Resources& all, std::uint32_t cgroup_version) {
  // What a new cgroup has: no limits, the kernel's default weights, the parent's CPUs.
  Json json{{"memory", {{"limit", -1}, {"swap", -1}, {"reservation", -1}}},
            {"cpu", {{"shares", 1024}, {"quota", -1}, {"period", default_period}, {"cpus", ""}, {"mems", ""}}},
            {"pids", {{"limit", -1}}}};
  Resources updatable = all;
  updatable.blkio_weight_device.clear();
  for (auto* devices : {&updatable.blkio_device_read_bps, &updatable.blkio_device_write_bps, &updatable.blkio_device_read_iops,
                        &updatable.blkio_device_write_iops})
    devices->clear();
  if (all.blkio_weight == 0) json["blockIO"]["weight"] = 0;
  json.merge_patch(make_resources(updatable, cgroup_version));
  return json;
}

} // namespace gantry::containers
