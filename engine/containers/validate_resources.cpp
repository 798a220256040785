#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <set>

#include "base/error.hpp"
#include "base/file.hpp"
#include "containers/validate.hpp"

namespace gantry::containers {
namespace {

constexpr std::int64_t minimum_memory = 6LL << 20;

void check_memory(const Resources& r) {
  if (r.memory != 0 && r.memory < minimum_memory) throw invalid("Minimum memory limit allowed is 6MB");
  if (r.memory > 0 && r.memory_swap > 0 && r.memory_swap < r.memory) {
    throw invalid("Minimum memoryswap limit should be larger than memory limit, see usage");
  }
  if (r.memory == 0 && r.memory_swap > 0) {
    throw invalid("You should always set the Memory limit when using Memoryswap limit, see usage");
  }
  if (r.memory_swappiness && *r.memory_swappiness != -1 && (*r.memory_swappiness < 0 || *r.memory_swappiness > 100)) {
    throw invalid("Invalid value: " + std::to_string(*r.memory_swappiness) + ", valid memory swappiness range is 0-100");
  }
  if (r.memory_reservation != 0 && r.memory_reservation < minimum_memory) {
    throw invalid("Minimum memory reservation allowed is 6MB");
  }
  if (r.memory > 0 && r.memory_reservation > 0 && r.memory < r.memory_reservation) {
    throw invalid("Minimum memory limit can not be less than memory reservation limit, see usage");
  }
}

void check_cpu_time(const Resources& r) {
  if (r.nano_cpus != 0 && r.cpu_period != 0) throw invalid("Conflicting options: Nano CPUs and CPU Period cannot both be set");
  if (r.nano_cpus != 0 && r.cpu_quota != 0) throw invalid("Conflicting options: Nano CPUs and CPU Quota cannot both be set");
  const long cpus = std::max(1L, ::sysconf(_SC_NPROCESSORS_ONLN));
  if (r.nano_cpus < 0 || r.nano_cpus > cpus * 1'000'000'000) {
    char text[128];
    std::snprintf(text, sizeof text, "Range of CPUs is from 0.01 to %ld.00, as there are only %ld CPUs available", cpus, cpus);
    throw invalid(text);
  }
  if (r.cpu_period != 0 && (r.cpu_period < 1000 || r.cpu_period > 1'000'000)) {
    throw invalid("CPU cfs period can not be less than 1ms (i.e. 1000) or larger than 1s (i.e. 1000000)");
  }
  if (r.cpu_quota > 0 && r.cpu_quota < 1000) throw invalid("CPU cfs quota can not be less than 1ms (i.e. 1000)");
}

/// Members of a list such as "0-2,5"; absent when the text is none.
std::optional<std::set<unsigned>> parse_cpu_list(std::string_view text) {
  std::set<unsigned> members;
  while (!text.empty()) {
    const std::string_view part = text.substr(0, text.find(','));
    text.remove_prefix(std::min(text.size(), part.size() + 1));
    unsigned first = 0;
    const char* end = part.data() + part.size();
    auto parsed = std::from_chars(part.data(), end, first);
    unsigned last = first;
    if (parsed.ec == std::errc() && parsed.ptr != end && *parsed.ptr == '-') parsed = std::from_chars(parsed.ptr + 1, end, last);
    if (parsed.ec != std::errc() || parsed.ptr != end || last < first || last > 8192) return std::nullopt;
    for (unsigned i = first; i <= last; ++i) members.insert(i);
  }
  return members;
}

void check_cpuset(const std::string& wanted, const std::string& available, const char* kind, const char* plural) {
  if (wanted.empty()) return;
  const auto asked = parse_cpu_list(wanted);
  if (!asked) throw invalid("Invalid value " + wanted + " for cpuset " + kind + ": invalid format: " + wanted);
  const auto offered = parse_cpu_list(available).value_or(std::set<unsigned>{0});
  if (!std::includes(offered.begin(), offered.end(), asked->begin(), asked->end())) {
    throw invalid(std::string("Requested ") + plural + " are not available - requested " + wanted + ", available: " + available);
  }
}

/// What inspect shows when the user said nothing: as much swap as memory, and a kernel that may kill (cgroups v1).
void complete_memory(Resources& r, const Machine& machine) {
  if (r.memory > 0 && r.memory_swap == 0) r.memory_swap = 2 * r.memory;
  if (machine.cgroup_version == 1 && !r.oom_kill_disable) r.oom_kill_disable = false;
}

void warn_about_limits(Resources& r, const Machine& machine, std::vector<std::string>& warnings) {
  if (machine.cgroup_version == 2) {
    if (r.memory_swappiness && *r.memory_swappiness != -1) {
      warnings.emplace_back(
          "Your kernel does not support memory swappiness capabilities or the cgroup is not mounted. "
          "Memory swappiness discarded.");
    }
    r.memory_swappiness.reset();
    if (r.oom_kill_disable.value_or(false)) {
      warnings.emplace_back("Your kernel does not support OomKillDisable. OomKillDisable discarded.");
    }
    r.oom_kill_disable.reset();
  } else if (r.oom_kill_disable.value_or(false) && r.memory == 0) {
    warnings.emplace_back(
        "OOM killer is disabled for the container, but no memory limit is set, this can result in the "
        "system running out of resources.");
  }
}

std::string first_line(const std::string& path) {
  try {
    const std::string text = read_file(path);
    return text.substr(0, text.find('\n'));
  } catch (const Error&) {
    return "0"; // no NUMA in this kernel
  }
}

} // namespace

Machine this_machine(unsigned cgroup_version) {
  return {first_line("/sys/devices/system/cpu/online"), first_line("/sys/devices/system/node/online"), cgroup_version};
}

void validate_resources(Resources& r, const Machine& machine, std::vector<std::string>& warnings) {
  check_memory(r);
  check_cpu_time(r);
  check_cpuset(r.cpuset_cpus, machine.cpus, "cpus", "CPUs");
  check_cpuset(r.cpuset_mems, machine.memory_nodes, "mems", "memory nodes");
  if (r.blkio_weight != 0 && (r.blkio_weight < 10 || r.blkio_weight > 1000)) {
    throw invalid("Range of blkio weight is from 10 to 1000");
  }
  complete_memory(r, machine);
  warn_about_limits(r, machine, warnings);
}

} // namespace gantry::containers
