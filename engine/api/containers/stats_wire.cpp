#include "api/containers/stats_wire.hpp"

#include <sys/sysinfo.h>

#include <algorithm>

#include "api/raw_json.hpp"
#include "base/time.hpp"

namespace gantry::api {

namespace {

using gantry::containers::StatsSample;

/// Appends ,"name":value, without the comma behind an opening bracket.
void member(std::string& out, const char* name, std::string_view value) {
  if (!out.ends_with('{')) out += ',';
  ((out += '"') += name) += "\":";
  out += value;
}

void member(std::string& out, const char* name, std::uint64_t value) {
  member(out, name, std::string_view(std::to_string(value)));
}

std::string_view or_else(std::string_view value, std::string_view otherwise) { return value.empty() ? otherwise : value; }

std::string cpu_json(const StatsSample& sample, std::string_view of_driver) {
  const RawObject extra(of_driver);
  std::string usage = "{";
  member(usage, "total_usage", sample.counters.cpu_total_ns);
  if (const auto each = raw_member(extra["cpu_usage"], "percpu_usage"); !each.empty()) member(usage, "percpu_usage", each);
  member(usage, "usage_in_kernelmode", sample.counters.cpu_system_ns);
  member(usage, "usage_in_usermode", sample.counters.cpu_user_ns);
  std::string cpu = "{";
  member(cpu, "cpu_usage", usage += '}');
  if (sample.read_ns != 0) {
    member(cpu, "system_cpu_usage", sample.host.total_ns);
    member(cpu, "online_cpus", sample.host.cpus);
  }
  member(cpu, "throttling_data", or_else(extra["throttling_data"], R"({"periods":0,"throttled_periods":0,"throttled_time":0})"));
  return cpu += '}';
}

/// A container without a limit is limited by the machine.
std::uint64_t memory_limit(std::uint64_t of_cgroup) {
  struct sysinfo host {};
  ::sysinfo(&host);
  const auto total = static_cast<std::uint64_t>(host.totalram) * host.mem_unit;
  return of_cgroup == 0 ? total : std::min(of_cgroup, total);
}

std::string memory_json(const StatsSample& sample, std::string_view of_driver) {
  if (sample.read_ns == 0) return "{}";
  const RawObject extra(of_driver);
  std::string memory = "{";
  member(memory, "usage", sample.counters.memory_usage);
  if (sample.counters.memory_max_usage != 0) member(memory, "max_usage", sample.counters.memory_max_usage);
  member(memory, "stats", or_else(extra["stats"], "{}"));
  if (const auto failures = extra["failcnt"]; !failures.empty() && failures != "0") member(memory, "failcnt", failures);
  member(memory, "limit", memory_limit(sample.counters.memory_limit));
  return memory += '}';
}

std::string pids_json(const StatsSample& sample) {
  std::string pids = "{";
  if (sample.read_ns == 0) return pids += '}';
  member(pids, "current", sample.counters.pids);
  if (sample.counters.pids_limit != 0) member(pids, "limit", sample.counters.pids_limit);
  return pids += '}';
}

std::string blkio_json(const StatsSample& sample, std::string_view of_driver) {
  const RawObject extra(of_driver);
  std::string blkio = "{";
  for (const auto* key :
       {"io_service_bytes_recursive", "io_serviced_recursive", "io_queue_recursive", "io_service_time_recursive",
        "io_wait_time_recursive", "io_merged_recursive", "io_time_recursive", "sectors_recursive"}) {
    member(blkio, key, sample.read_ns == 0 ? "null" : or_else(extra[key], "[]"));
  }
  return blkio += '}';
}

} // namespace

void StatsWriter::skip(const StatsSample& sample) {
  last_cpu_ = cpu_json(sample, raw_member(sample.counters.extra_json, "cpu_stats"));
  last_ns_ = sample.read_ns;
}

std::string StatsWriter::next(const gantry::containers::Container& container, const StatsSample& sample) {
  if (last_cpu_.empty()) skip({});
  const RawObject extra(sample.counters.extra_json);
  std::string cpu = cpu_json(sample, extra["cpu_stats"]);
  std::string json;
  json.reserve(4096);
  json += '{';
  member(json, "read", quoted(rfc3339_nano(sample.read_ns)));
  member(json, "preread", quoted(rfc3339_nano(last_ns_)));
  member(json, "pids_stats", pids_json(sample));
  member(json, "blkio_stats", blkio_json(sample, extra["blkio_stats"]));
  member(json, "num_procs", 0);
  member(json, "storage_stats", "{}");
  member(json, "cpu_stats", cpu);
  member(json, "precpu_stats", last_cpu_);
  member(json, "memory_stats", memory_json(sample, extra["memory_stats"]));
  member(json, "name", quoted('/' + container.name));
  member(json, "id", quoted(container.id));
  if (const auto networks = extra["networks"]; !networks.empty() && networks != "{}") member(json, "networks", networks);
  // Beyond Docker; its clients do not look at what they do not know.
  if (const auto pressure = extra["pressure_stats"]; !pressure.empty()) member(json, "pressure_stats", pressure);
  last_cpu_ = std::move(cpu);
  last_ns_ = sample.read_ns;
  return json += '}';
}

} // namespace gantry::api
