#include <unistd.h>
#include <nlohmann/json.hpp>
#include <sstream>

#include "cgroup/files.hpp"
#include "driver/linux_driver.hpp"

// Counters of a container, in Docker's names where they have no field of their own.
namespace gantry::runtime_linux {
namespace {

using Json = nlohmann::json;

/// "name value" lines.
Json read_pairs(const std::string& path) {
  Json pairs = Json::object();
  std::istringstream in(read_text(path));
  std::string name;
  for (std::uint64_t value; in >> name >> value;) pairs[name] = value;
  return pairs;
}

std::uint64_t number(const Json& pairs, const char* name) { return pairs.value(name, std::uint64_t{0}); }

/// cpuacct.stat counts in ticks.
constexpr std::uint64_t nanoseconds_per_tick = 10'000'000;

void read_cpu_v1(const ContainerCgroup& cgroup, RuntimeStats& stats, Json& extra) {
  const std::string accounts = cgroup.directory("cpuacct");
  stats.cpu_total_ns = read_number(accounts + "/cpuacct.usage");
  const Json ticks = read_pairs(accounts + "/cpuacct.stat");
  stats.cpu_user_ns = number(ticks, "user") * nanoseconds_per_tick;
  stats.cpu_system_ns = number(ticks, "system") * nanoseconds_per_tick;
  Json per_cpu = Json::array();
  std::istringstream in(read_text(accounts + "/cpuacct.usage_percpu"));
  for (std::uint64_t value; in >> value;) per_cpu.push_back(value);
  extra["cpu_stats"]["cpu_usage"]["percpu_usage"] = per_cpu;
  const Json throttled = read_pairs(cgroup.directory("cpu") + "/cpu.stat");
  extra["cpu_stats"]["throttling_data"] = {{"periods", number(throttled, "nr_periods")},
                                           {"throttled_periods", number(throttled, "nr_throttled")},
                                           {"throttled_time", number(throttled, "throttled_time")}};
}

void read_memory_v1(const ContainerCgroup& cgroup, RuntimeStats& stats, Json& extra) {
  const std::string memory = cgroup.directory("memory");
  stats.memory_usage = read_number(memory + "/memory.usage_in_bytes");
  stats.memory_max_usage = read_number(memory + "/memory.max_usage_in_bytes");
  stats.memory_limit = read_number(memory + "/memory.limit_in_bytes");
  extra["memory_stats"]["stats"] = read_pairs(memory + "/memory.stat");
  extra["memory_stats"]["failcnt"] = read_number(memory + "/memory.failcnt");
}

/// "major:minor Operation value" lines as Docker's list of objects.
Json read_block_io(const std::string& path) {
  Json list = Json::array();
  std::istringstream lines(read_text(path));
  for (std::string line; std::getline(lines, line);) {
    std::istringstream in(line);
    std::uint64_t major = 0, minor = 0, value = 0;
    char colon = 0;
    std::string op;
    if (in >> major >> colon >> minor >> op >> value)
      list.push_back({{"major", major}, {"minor", minor}, {"op", op}, {"value", value}});
  }
  return list;
}

Json block_io_v1(const ContainerCgroup& cgroup) {
  const std::string io = cgroup.directory("blkio");
  const bool bfq = ::access((io + "/blkio.bfq.io_serviced_recursive").c_str(), F_OK) == 0;
  Json bytes = bfq ? read_block_io(io + "/blkio.bfq.io_service_bytes_recursive") : Json::array();
  Json serviced = bfq ? read_block_io(io + "/blkio.bfq.io_serviced_recursive") : Json::array();
  if (bytes.empty()) bytes = read_block_io(io + "/blkio.throttle.io_service_bytes_recursive");
  if (serviced.empty()) serviced = read_block_io(io + "/blkio.throttle.io_serviced_recursive");
  return {{"io_service_bytes_recursive", bytes}, {"io_serviced_recursive", serviced}};
}

Json block_io_v2(const ContainerCgroup& cgroup) {
  Json bytes = Json::array(), serviced = Json::array();
  std::istringstream lines(read_text(cgroup.v2_directory() + "/io.stat"));
  for (std::string line; std::getline(lines, line);) {
    std::istringstream in(line);
    std::uint64_t major = 0, minor = 0;
    char colon = 0;
    in >> major >> colon >> minor;
    for (std::string pair; in >> pair;) {
      const auto equals = pair.find('=');
      if (equals == std::string::npos) continue;
      const std::string key = pair.substr(0, equals);
      const std::uint64_t value = std::stoull(pair.substr(equals + 1));
      const Json entry{{"major", major},
                       {"minor", minor},
                       {"op", key[0] == 'r'   ? "read"
                              : key[0] == 'w' ? "write"
                                              : "discard"},
                       {"value", value}};
      if (key.ends_with("bytes"))
        bytes.push_back(entry);
      else if (key.ends_with("ios"))
        serviced.push_back(entry);
    }
  }
  return {{"io_service_bytes_recursive", bytes}, {"io_serviced_recursive", serviced}};
}

void read_v2(const ContainerCgroup& cgroup, RuntimeStats& stats, Json& extra) {
  const std::string directory = cgroup.v2_directory();
  const Json cpu = read_pairs(directory + "/cpu.stat");
  stats.cpu_total_ns = number(cpu, "usage_usec") * 1000;
  stats.cpu_user_ns = number(cpu, "user_usec") * 1000;
  stats.cpu_system_ns = number(cpu, "system_usec") * 1000;
  extra["cpu_stats"]["throttling_data"] = {{"periods", number(cpu, "nr_periods")},
                                           {"throttled_periods", number(cpu, "nr_throttled")},
                                           {"throttled_time", number(cpu, "throttled_usec") * 1000}};
  stats.memory_usage = read_number(directory + "/memory.current");
  stats.memory_max_usage = read_number(directory + "/memory.peak");
  stats.memory_limit = read_number(directory + "/memory.max", UINT64_MAX);
  extra["memory_stats"]["stats"] = read_pairs(directory + "/memory.stat");
  extra["memory_stats"]["failcnt"] = number(read_pairs(directory + "/memory.events"), "oom");
  extra["blkio_stats"] = block_io_v2(cgroup);
}

Json read_networks(std::int32_t pid) {
  constexpr const char* columns[] = {"rx_bytes", "rx_packets", "rx_errors", "rx_dropped", "",          "",
                                     "",         "",           "tx_bytes",  "tx_packets", "tx_errors", "tx_dropped"};
  Json networks = Json::object();
  std::istringstream lines(read_text("/proc/" + std::to_string(pid) + "/net/dev"));
  for (std::string line; std::getline(lines, line);) {
    const auto colon = line.find(':');
    if (colon == std::string::npos) continue;
    const std::string name = line.substr(line.find_first_not_of(' '), colon - line.find_first_not_of(' '));
    if (name == "lo") continue;
    std::istringstream in(line.substr(colon + 1));
    Json counters = Json::object();
    for (const char* column : columns) {
      std::uint64_t value = 0;
      in >> value;
      if (*column) counters[column] = value;
    }
    networks[name] = counters;
  }
  return networks;
}

} // namespace

RuntimeStats LinuxDriver::stats(Call&, const std::string& id) {
  const ContainerState state = state_of(id);
  const ContainerCgroup cgroup(hierarchies_, state.cgroup_path);
  RuntimeStats stats;
  Json extra = Json::object();
  if (cgroup.version() == 2) {
    read_v2(cgroup, stats, extra);
  } else {
    read_cpu_v1(cgroup, stats, extra);
    read_memory_v1(cgroup, stats, extra);
    extra["blkio_stats"] = block_io_v1(cgroup);
  }
  stats.pids = read_number(cgroup.directory("pids") + "/pids.current");
  stats.pids_limit = read_number(cgroup.directory("pids") + "/pids.max");
  extra["pids_stats"] = {{"current", stats.pids}};
  if (stats.pids_limit) extra["pids_stats"]["limit"] = stats.pids_limit;
  extra["networks"] = read_networks(state.pid);
  stats.extra_json = extra.dump();
  return stats;
}

} // namespace gantry::runtime_linux
