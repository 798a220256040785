#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <optional>
#include <set>

#include "base/error.hpp"
#include "containers/validate.hpp"

// In the order of Docker's own checks, so that of several mistakes the same one is told first.
namespace gantry::containers {
namespace {

constexpr std::int64_t minimum_memory = 6LL << 20;

using Warnings = std::vector<std::string>;

/// "Your kernel does not support …", when something was asked for that is then dropped.
bool discard(bool asked, bool supported, const char* what, Warnings& warnings) {
  if (!asked || supported) return false;
  warnings.push_back(std::string("Your kernel does not support ") + what);
  return true;
}

void drop_missing_memory(Resources& r, const Machine& machine, Warnings& warnings) {
  if (discard(r.memory > 0, machine.memory, "memory limit capabilities or the cgroup is not mounted. Limitation discarded.",
              warnings)) {
    r.memory = 0;
    r.memory_swap = -1;
  }
  if (discard(r.memory > 0 && r.memory_swap != -1, machine.swap,
              "swap limit capabilities or the cgroup is not mounted. Memory limited without swap.", warnings)) {
    r.memory_swap = -1;
  }
}

void check_swap(const Resources& r, Occasion occasion) {
  if (r.memory > 0 && r.memory_swap > 0 && r.memory_swap < r.memory) {
    throw invalid("Minimum memoryswap limit should be larger than memory limit, see usage");
  }
  if (r.memory == 0 && r.memory_swap > 0 && occasion == Occasion::create) {
    throw invalid("You should always set the Memory limit when using Memoryswap limit, see usage");
  }
}

void check_swappiness(Resources& r, const Machine& machine, Warnings& warnings) {
  if (r.memory_swappiness == -1) r.memory_swappiness.reset(); // the kernel's own
  if (discard(r.memory_swappiness.has_value(), machine.swappiness,
              "memory swappiness capabilities or the cgroup is not mounted. Memory swappiness discarded.", warnings)) {
    r.memory_swappiness.reset();
  }
  if (r.memory_swappiness && (*r.memory_swappiness < 0 || *r.memory_swappiness > 100)) {
    throw invalid("Invalid value: " + std::to_string(*r.memory_swappiness) + ", valid memory swappiness range is 0-100");
  }
}

void check_reservation(Resources& r, const Machine& machine, Warnings& warnings) {
  if (discard(r.memory_reservation > 0, machine.reservation,
              "memory soft limit capabilities or the cgroup is not mounted. Limitation discarded.", warnings)) {
    r.memory_reservation = 0;
  }
  if (r.memory_reservation > 0 && r.memory_reservation < minimum_memory) {
    throw invalid("Minimum memory reservation allowed is 6MB");
  }
  if (r.memory > 0 && r.memory_reservation > 0 && r.memory < r.memory_reservation) {
    throw invalid("Minimum memory limit can not be less than memory reservation limit, see usage");
  }
}

/// The kernel has no limit of its memory any more (since 5.16 a write to the file means nothing); that of TCP buffers is left.
void check_kernel_memory(Resources& r, const Machine& machine, Warnings& warnings) {
  if (r.kernel_memory > 0 && r.kernel_memory < minimum_memory) {
    throw invalid("Minimum kernel memory limit allowed is 6MB");
  }
  (void)discard(r.kernel_memory > 0, false,
                "kernel memory limit capabilities or the cgroup is not mounted. Limitation discarded.", warnings);
  r.kernel_memory = 0;
  if (discard(r.kernel_memory_tcp > 0, machine.kernel_memory_tcp,
              "kernel memory TCP limit capabilities or the cgroup is not mounted. Limitation discarded.", warnings)) {
    r.kernel_memory_tcp = 0;
  }
}

void check_oom_killer(Resources& r, const Machine& machine, Warnings& warnings) {
  if (!machine.oom_kill_disable) {
    (void)discard(r.oom_kill_disable.value_or(false), false, "OomKillDisable. OomKillDisable discarded.", warnings);
    r.oom_kill_disable.reset();
  }
  if (r.oom_kill_disable.value_or(false) && r.memory == 0) {
    warnings.emplace_back(
        "OOM killer is disabled for the container, but no memory limit is set, this can result in the "
        "system running out of resources.");
  }
}

void check_pids(Resources& r, const Machine& machine, Warnings& warnings) {
  if (!r.pids_limit || machine.pids) return;
  (void)discard(*r.pids_limit > 0, false, "PIDs limit capabilities or the cgroup is not mounted. PIDs limit discarded.",
                warnings);
  r.pids_limit.reset();
}

void check_cpus(const Resources& r, const Machine& machine) {
  if (r.nano_cpus > 0 && r.cpu_period > 0) throw invalid("Conflicting options: Nano CPUs and CPU Period cannot both be set");
  if (r.nano_cpus > 0 && r.cpu_quota > 0) throw invalid("Conflicting options: Nano CPUs and CPU Quota cannot both be set");
  if (r.nano_cpus > 0 && !machine.cpu_quota) {
    throw invalid("NanoCPUs can not be set, as your kernel does not support CPU CFS scheduler or the cgroup is not mounted");
  }
  const long cpus = std::max(1L, ::sysconf(_SC_NPROCESSORS_ONLN));
  if (r.nano_cpus < 0 || r.nano_cpus > cpus * 1'000'000'000) {
    const std::string all = std::to_string(cpus);
    throw invalid("range of CPUs is from 0.01 to " + all + ".00, as there are only " + all + " CPUs available");
  }
}

/// runc refuses them when the container starts; said at create they can still be mended.
void check_shares(Resources& r, const Machine& machine, Warnings& warnings) {
  if (discard(r.cpu_shares > 0, machine.cpu_shares, "CPU shares or the cgroup is not mounted. Shares discarded.", warnings)) {
    r.cpu_shares = 0;
  }
  if (r.cpu_shares < 0 || r.cpu_shares == 1) throw invalid("the minimum allowed cpu-shares is 2");
  if (r.cpu_shares > 262144) throw invalid("the maximum allowed cpu-shares is 262144");
}

void check_cpu_time(Resources& r, const Machine& machine, Warnings& warnings) {
  if (discard(r.cpu_period != 0 || r.cpu_quota != 0, machine.cpu_quota, "CPU CFS scheduler. CPU period/quota discarded.",
              warnings)) {
    r.cpu_period = r.cpu_quota = 0;
  }
  if (r.cpu_period != 0 && (r.cpu_period < 1000 || r.cpu_period > 1'000'000)) {
    throw invalid("CPU cfs period can not be less than 1ms (i.e. 1000) or larger than 1s (i.e. 1000000)");
  }
  if (r.cpu_quota > 0 && r.cpu_quota < 1000) throw invalid("CPU cfs quota can not be less than 1ms (i.e. 1000)");
  if (r.cpu_percent > 0) warnings.emplace_back("linux does not support CPU percent. Percent discarded.");
  r.cpu_percent = 0;
}

void check_realtime(const Resources& r, const Machine& machine) {
  if ((r.cpu_realtime_period != 0 || r.cpu_realtime_runtime != 0) && !machine.cpu_realtime) {
    throw invalid("Your kernel does not support CPU real-time scheduler");
  }
  if (r.cpu_realtime_period != 0 && r.cpu_realtime_runtime > r.cpu_realtime_period) {
    throw invalid("cpu real-time runtime cannot be higher than cpu real-time period");
  }
}

/// Members of a list such as "0-2,5". Throws a sentence that says what is wrong with it.
std::set<unsigned> parse_cpu_list(const std::string& list) {
  constexpr unsigned most = 8192;
  std::set<unsigned> members;
  for (std::size_t begin = 0; begin <= list.size();) {
    const std::size_t comma = std::min(list.find(',', begin), list.size());
    const char *from = list.data() + begin, *end = list.data() + comma;
    unsigned first = 0;
    auto parsed = std::from_chars(from, end, first);
    unsigned last = first;
    if (parsed.ec == std::errc() && parsed.ptr != end && *parsed.ptr == '-') parsed = std::from_chars(parsed.ptr + 1, end, last);
    const bool huge = parsed.ec == std::errc::result_out_of_range || (parsed.ec == std::errc() && last > most);
    if (huge) throw invalid("value of out range, maximum is " + std::to_string(most)); // Docker's words
    if (parsed.ec != std::errc() || parsed.ptr != end || last < first) throw invalid("invalid format: " + list);
    for (unsigned i = first; i <= last; ++i) members.insert(i);
    begin = comma + 1;
  }
  return members;
}

void check_list(const std::string& wanted, const std::string& available, const char* kind, const char* plural) {
  if (wanted.empty()) return;
  std::set<unsigned> asked;
  try {
    asked = parse_cpu_list(wanted);
  } catch (const Error& e) {
    throw invalid("Invalid value " + wanted + " for cpuset " + kind + ": " + e.what());
  }
  const auto offered = parse_cpu_list(available);
  if (!std::includes(offered.begin(), offered.end(), asked.begin(), asked.end())) {
    throw invalid(std::string("Requested ") + plural + " are not available - requested " + wanted + ", available: " + available);
  }
}

void check_cpuset(Resources& r, const Machine& machine, Warnings& warnings) {
  if (discard(!r.cpuset_cpus.empty() || !r.cpuset_mems.empty(), machine.cpuset,
              "cpuset or the cgroup is not mounted. Cpuset discarded.", warnings)) {
    r.cpuset_cpus.clear();
    r.cpuset_mems.clear();
  }
  check_list(r.cpuset_cpus, machine.cpus, "cpus", "CPUs");
  check_list(r.cpuset_mems, machine.memory_nodes, "mems", "memory nodes");
}

void check_block_io(Resources& r, const Machine& machine, Warnings& warnings) {
  if (discard(r.blkio_weight > 0, machine.io_weight, "Block I/O weight or the cgroup is not mounted. Weight discarded.",
              warnings)) {
    r.blkio_weight = 0;
  }
  if (r.blkio_weight > 0 && (r.blkio_weight < 10 || r.blkio_weight > 1000)) {
    throw invalid("Range of blkio weight is from 10 to 1000");
  }
  if (r.io_maximum_bandwidth != 0 || r.io_maximum_iops != 0) {
    throw invalid("Invalid QoS settings: linux does not support Maximum IO Bandwidth or Maximum IO IOps");
  }
  const auto drop = [&](auto& devices, bool supported, const char* what) {
    if (discard(!devices.empty(), supported, what, warnings)) devices.clear();
  };
  drop(r.blkio_weight_device, machine.io_weight_device,
       "Block I/O weight_device or the cgroup is not mounted. Weight-device discarded.");
  drop(r.blkio_device_read_bps, machine.io_read_bps,
       "BPS Block I/O read limit or the cgroup is not mounted. Block I/O BPS read limit discarded.");
  drop(r.blkio_device_write_bps, machine.io_write_bps,
       "BPS Block I/O write limit or the cgroup is not mounted. Block I/O BPS write limit discarded.");
  drop(r.blkio_device_read_iops, machine.io_read_iops,
       "IOPS Block read limit or the cgroup is not mounted. Block I/O IOPS read limit discarded.");
  drop(r.blkio_device_write_iops, machine.io_write_iops,
       "IOPS Block write limit or the cgroup is not mounted. Block I/O IOPS write limit discarded.");
  for (const auto& device : r.blkio_weight_device) {
    if (device.weight < 10 || device.weight > 1000) {
      throw invalid("Range of blkio weight is from 10 to 1000, " + device.path + " has " + std::to_string(device.weight));
    }
  }
}

/// What inspect shows when the user said nothing: as much swap as memory, and a kernel that may kill (cgroups v1).
void complete(Resources& r, const Machine& machine) {
  if (r.memory > 0 && r.memory_swap == 0) r.memory_swap = 2 * r.memory;
  if (machine.oom_kill_disable && !r.oom_kill_disable) r.oom_kill_disable = false;
  if (r.pids_limit && *r.pids_limit <= 0) r.pids_limit.reset();
}

} // namespace

void validate_resources(Resources& r, const Machine& machine, Warnings& warnings, Occasion occasion) {
  if (occasion == Occasion::create) check_realtime(r, machine);
  if (r.memory != 0 && r.memory < minimum_memory) throw invalid("Minimum memory limit allowed is 6MB");
  drop_missing_memory(r, machine, warnings);
  check_swap(r, occasion);
  check_swappiness(r, machine, warnings);
  check_reservation(r, machine, warnings);
  check_kernel_memory(r, machine, warnings);
  check_oom_killer(r, machine, warnings);
  check_pids(r, machine, warnings);
  check_cpus(r, machine);
  check_shares(r, machine, warnings);
  check_cpu_time(r, machine, warnings);
  if (occasion == Occasion::update) check_realtime(r, machine);
  check_cpuset(r, machine, warnings);
  check_block_io(r, machine, warnings);
  if (occasion == Occasion::create) complete(r, machine);
}

} // namespace gantry::containers
