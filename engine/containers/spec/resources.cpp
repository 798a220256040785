#include <sys/stat.h>
#include <sys/sysmacros.h>

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
    json["swap"] = r.memory_swap;
  } else if (r.memory > 0) {
    json["swap"] = 2 * r.memory;
  }
  if (v1 && r.memory_swappiness && *r.memory_swappiness >= 0) json["swappiness"] = *r.memory_swappiness;
  if (v1 && r.oom_kill_disable.value_or(false)) json["disableOOMKiller"] = true;
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
  if (::stat(path.c_str(), &info) != 0) throw invalid("stat " + path + ": " + std::generic_category().message(errno));
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

} // namespace

Json make_resources(const Resources& r, std::uint32_t cgroup_version) {
  Json json = Json::object();
  const auto put = [&](const char* member, Json value) {
    if (!value.empty()) json[member] = std::move(value);
  };
  put("memory", memory(r, cgroup_version == 1));
  put("cpu", cpu(r));
  if (r.pids_limit) json["pids"] = {{"limit", *r.pids_limit > 0 ? *r.pids_limit : -1}};
  put("blockIO", block_io(r));
  return json;
}

} // namespace gantry::containers
