#pragma once

#include <cstdint>
#include <string>

namespace gantry::system {

/// What the machine is, as far as /info and /version tell. Read once.
struct HostFacts {
  std::string name, kernel, machine; ///< uname: "x86_64"
  std::string go_arch;               ///< machine in Go's words: "amd64"
  std::string os_name, os_version;   ///< /etc/os-release
  std::int64_t cpus = 1, memory = 0;
  int cgroup_version = 1; ///< 1 also for hybrid hierarchies
  bool seccomp = false, apparmor = false;
};

HostFacts read_host_facts();
/// net.ipv4.ip_forward of this network namespace, now.
bool ipv4_forwarding();

} // namespace gantry::system
