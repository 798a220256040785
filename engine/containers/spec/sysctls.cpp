#include <algorithm>
#include <array>

#include "base/error.hpp"
#include "containers/spec/namespaces.hpp"

namespace gantry::containers {
namespace {

bool is_ipc_sysctl(std::string_view name) {
  static constexpr std::array<std::string_view, 8> names = {"kernel.msgmax", "kernel.msgmnb",         "kernel.msgmni",
                                                            "kernel.sem",    "kernel.shmall",         "kernel.shmmax",
                                                            "kernel.shmmni", "kernel.shm_rmid_forced"};
  return std::find(names.begin(), names.end(), name) != names.end() || name.starts_with("fs.mqueue.");
}

/// sysctl(8): the first separator decides which of '.' and '/' separates; the other one is part of a name ("eth0.1"). The result
/// is separated by dots.
std::string dotted(const std::string& name) {
  const std::size_t first = name.find_first_of("./");
  if (first == std::string::npos || name[first] == '.') return name;
  std::string result = name;
  for (char& c : result) c = c == '/' ? '.' : c == '.' ? '/' : c;
  return result;
}

/// No part may be empty or lead elsewhere: "." and ".." of the file's path are '/' and "//" here.
bool is_name(std::string_view name) {
  for (;;) {
    const std::size_t dot = name.find('.');
    const std::string_view part = name.substr(0, dot);
    if (part.empty() || part == "/" || part == "//" || part.find('\0') != std::string_view::npos) return false;
    if (dot == std::string_view::npos) return true;
    name.remove_prefix(dot + 1);
  }
}

void check_sysctl(const std::string& name, const NamespaceModes& modes) {
  const std::string quoted = "sysctl \"" + name + "\"";
  if (!is_name(name)) throw invalid(quoted + " is not a name");
  if (name.starts_with("net.")) {
    if (modes.network == NamespaceMode::host) throw invalid(quoted + " not allowed in host network namespace");
  } else if (is_ipc_sysctl(name)) {
    if (modes.ipc == NamespaceMode::host) throw invalid(quoted + " is not allowed in the hosts ipc namespace");
  } else if (name != "kernel.domainname" || modes.uts == NamespaceMode::host) {
    throw invalid(quoted + " is not in a separate kernel namespace");
  }
}

/// Every group of the container may ping; the kernel refuses groups that its user namespace does not have.
std::string ping_groups(const IdMaps& maps) {
  std::uint32_t last = 2147483647;
  if (!maps.empty()) last = maps.gids.front().container_id + maps.gids.front().size - 1;
  return "0 " + std::to_string(last);
}

} // namespace

Json make_sysctls(const HostConfig& host, const NamespaceModes& modes, const IdMaps& maps) {
  Json sysctls = Json::object();
  if (modes.network == NamespaceMode::own) {
    sysctls["net.ipv4.ip_unprivileged_port_start"] = "0";
    sysctls["net.ipv4.ping_group_range"] = ping_groups(maps);
  }
  for (const auto& [key, value] : host.sysctls) {
    const std::string name = dotted(key);
    check_sysctl(name, modes);
    sysctls[name] = value;
  }
  return sysctls;
}

} // namespace gantry::containers
