#include "system/host_facts.hpp"

#include <linux/magic.h>
#include <sys/prctl.h>
#include <sys/statfs.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <cerrno>
#include <set>
#include <sstream>

#include "base/error.hpp"
#include "base/file.hpp"

namespace gantry::system {

namespace {

/// Facts that cannot be read are not told: /info must answer in every sandbox.
std::string read_or_empty(const std::string& path) {
  try {
    return read_file(path);
  } catch (const Error&) {
    return "";
  }
}

std::string unquoted(std::string value) {
  const bool quoted = value.size() >= 2 && (value.front() == '"' || value.front() == '\'') && value.back() == value.front();
  return quoted ? value.substr(1, value.size() - 2) : value;
}

void read_os_release(HostFacts& facts) {
  auto text = read_or_empty("/etc/os-release");
  if (text.empty()) text = read_or_empty("/usr/lib/os-release");
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("PRETTY_NAME=")) facts.os_name = unquoted(line.substr(12));
    if (line.starts_with("VERSION_ID=")) facts.os_version = unquoted(line.substr(11));
  }
  if (facts.os_name.empty()) facts.os_name = "Linux";
}

/// Controllers that are enabled, in the names of cgroup v1.
std::set<std::string> controllers(int version) {
  std::set<std::string> enabled;
  std::istringstream text(read_or_empty(version == 2 ? "/sys/fs/cgroup/cgroup.controllers" : "/proc/cgroups"));
  if (version == 2) {
    for (std::string name; text >> name;) enabled.insert(name);
    return enabled;
  }
  for (std::string line; std::getline(text, line);) {
    std::istringstream fields(line);
    std::string name;
    int hierarchy = 0, groups = 0, on = 0;
    if (fields >> name >> hierarchy >> groups >> on && on == 1) enabled.insert(name);
  }
  return enabled;
}

void read_cgroups(HostFacts& facts) {
  struct statfs info {};
  const bool unified = ::statfs("/sys/fs/cgroup", &info) == 0 && info.f_type == CGROUP2_SUPER_MAGIC;
  facts.cgroup_version = unified ? 2 : 1;
  const auto enabled = controllers(facts.cgroup_version);
  facts.memory_limit = enabled.contains("memory");
  facts.cpu = enabled.contains("cpu");
  facts.cpuset = enabled.contains("cpuset");
  facts.pids_limit = enabled.contains("pids");
  facts.oom_kill_disable = !unified && facts.memory_limit;
  const bool memsw = ::access("/sys/fs/cgroup/memory/memory.memsw.limit_in_bytes", F_OK) == 0;
  facts.swap_limit = facts.memory_limit && (unified || memsw);
}

std::string go_arch_of(const std::string& machine) {
  if (machine == "x86_64") return "amd64";
  if (machine == "aarch64") return "arm64";
  if (machine == "i686" || machine == "i386") return "386";
  if (machine.starts_with("arm")) return "arm";
  return machine;
}

} // namespace

HostFacts read_host_facts() {
  HostFacts facts;
  utsname names{};
  ::uname(&names);
  facts.name = names.nodename;
  facts.kernel = names.release;
  facts.machine = names.machine;
  facts.go_arch = go_arch_of(facts.machine);
  facts.cpus = ::sysconf(_SC_NPROCESSORS_ONLN);
  facts.memory = static_cast<std::int64_t>(::sysconf(_SC_PHYS_PAGES)) * ::sysconf(_SC_PAGESIZE);
  facts.seccomp = ::prctl(PR_GET_SECCOMP) >= 0;
  facts.apparmor = read_or_empty("/sys/module/apparmor/parameters/enabled").starts_with('Y');
  read_os_release(facts);
  read_cgroups(facts);
  return facts;
}

bool ipv4_forwarding() { return read_or_empty("/proc/sys/net/ipv4/ip_forward").starts_with('1'); }

} // namespace gantry::system
