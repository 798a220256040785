#include "system/host_facts.hpp"

#include <linux/magic.h>
#include <sys/prctl.h>
#include <sys/statfs.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <cerrno>
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

void read_cgroups(HostFacts& facts) {
  struct statfs info {};
  const bool unified = ::statfs("/sys/fs/cgroup", &info) == 0 && info.f_type == CGROUP2_SUPER_MAGIC;
  facts.cgroup_version = unified ? 2 : 1;
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
