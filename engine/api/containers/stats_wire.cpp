#include "api/containers/stats_wire.hpp"

#include <sys/sysinfo.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <sstream>

#include "base/time.hpp"

namespace gantry::api {

namespace {

Json member(const Json& object, const char* key) {
  const auto found = object.find(key);
  return found == object.end() ? Json::object() : *found;
}

Json extra_of(const StatsSample& sample) {
  const auto extra = Json::parse(sample.counters.extra_json, nullptr, false);
  return extra.is_object() ? extra : Json::object();
}

Json cpu_json(const StatsSample& sample, const Json& extra) {
  const auto& counters = sample.counters;
  Json cpu;
  cpu["cpu_usage"]["total_usage"] = counters.cpu_total_ns;
  const auto more = member(extra, "cpu_stats");
  if (const auto usage = member(more, "cpu_usage"); usage.contains("percpu_usage"))
    cpu["cpu_usage"]["percpu_usage"] = usage["percpu_usage"];
  cpu["cpu_usage"]["usage_in_kernelmode"] = counters.cpu_system_ns;
  cpu["cpu_usage"]["usage_in_usermode"] = counters.cpu_user_ns;
  if (sample.read_ns != 0) {
    cpu["system_cpu_usage"] = sample.system_cpu_ns;
    cpu["online_cpus"] = sample.cpus;
  }
  cpu["throttling_data"] = {{"periods", 0}, {"throttled_periods", 0}, {"throttled_time", 0}};
  if (more.contains("throttling_data")) cpu["throttling_data"].update(more["throttling_data"]);
  return cpu;
}

/// A container without a limit is limited by the machine.
std::uint64_t memory_limit(std::uint64_t of_cgroup) {
  struct sysinfo host {};
  ::sysinfo(&host);
  const auto total = static_cast<std::uint64_t>(host.totalram) * host.mem_unit;
  return of_cgroup == 0 ? total : std::min(of_cgroup, total);
}

Json memory_json(const StatsSample& sample, const Json& extra) {
  Json memory = Json::object();
  if (sample.read_ns == 0) return memory;
  memory["usage"] = sample.counters.memory_usage;
  if (sample.counters.memory_max_usage != 0) memory["max_usage"] = sample.counters.memory_max_usage;
  memory["stats"] = member(member(extra, "memory_stats"), "stats");
  memory["limit"] = memory_limit(sample.counters.memory_limit);
  return memory;
}

Json pids_json(const StatsSample& sample) {
  Json pids = Json::object();
  if (sample.read_ns == 0) return pids;
  pids["current"] = sample.counters.pids;
  if (sample.counters.pids_limit != 0) pids["limit"] = sample.counters.pids_limit;
  return pids;
}

Json blkio_json(const StatsSample& sample, const Json& extra) {
  const auto from_driver = member(extra, "blkio_stats");
  Json blkio;
  for (const auto* key :
       {"io_service_bytes_recursive", "io_serviced_recursive", "io_queue_recursive", "io_service_time_recursive",
        "io_wait_time_recursive", "io_merged_recursive", "io_time_recursive", "sectors_recursive"}) {
    blkio[key] = nullptr;
    if (sample.read_ns != 0) blkio[key] = from_driver.contains(key) ? from_driver[key] : Json::array();
  }
  return blkio;
}

} // namespace

void read_host_cpu(StatsSample& sample) {
  std::ifstream stat("/proc/stat");
  std::string line;
  std::getline(stat, line);
  std::istringstream fields(line);
  std::string name;
  fields >> name;
  std::uint64_t ticks = 0;
  // user nice system idle iowait irq softirq steal; guest time is part of user already
  for (int i = 0; i < 8; ++i) {
    std::uint64_t value = 0;
    fields >> value;
    ticks += value;
  }
  sample.system_cpu_ns = ticks * (1'000'000'000ULL / static_cast<std::uint64_t>(::sysconf(_SC_CLK_TCK)));
  sample.cpus = static_cast<std::uint32_t>(::sysconf(_SC_NPROCESSORS_ONLN));
}

Json stats_json(const gantry::containers::Container& container, const StatsSample& now, const StatsSample& before) {
  const auto extra = extra_of(now);
  Json json;
  json["read"] = rfc3339_nano(now.read_ns);
  json["preread"] = rfc3339_nano(before.read_ns);
  json["pids_stats"] = pids_json(now);
  json["blkio_stats"] = blkio_json(now, extra);
  json["num_procs"] = 0;
  json["storage_stats"] = Json::object();
  json["cpu_stats"] = cpu_json(now, extra);
  json["precpu_stats"] = cpu_json(before, extra_of(before));
  json["memory_stats"] = memory_json(now, extra);
  json["name"] = '/' + container.name;
  json["id"] = container.id;
  if (const auto networks = member(extra, "networks"); !networks.empty()) json["networks"] = networks;
  return json;
}

} // namespace gantry::api
