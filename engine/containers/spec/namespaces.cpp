#include "containers/spec/namespaces.hpp"

#include <algorithm>
#include <array>

#include "base/error.hpp"

namespace gantry::containers {
namespace {

NamespaceMode mode_of(const std::string& setting, const std::string& path) {
  if (setting == "host") return NamespaceMode::host;
  return path.empty() ? NamespaceMode::own : NamespaceMode::joined;
}

bool is_ipc_sysctl(std::string_view name) {
  static constexpr std::array<std::string_view, 8> names = {"kernel.msgmax", "kernel.msgmnb",         "kernel.msgmni",
                                                            "kernel.sem",    "kernel.shmall",         "kernel.shmmax",
                                                            "kernel.shmmni", "kernel.shm_rmid_forced"};
  return std::find(names.begin(), names.end(), name) != names.end() || name.starts_with("fs.mqueue.");
}

void check_sysctl(const std::string& name, const NamespaceModes& modes) {
  const std::string quoted = "sysctl \"" + name + "\"";
  // A slash would let the name leave /proc/sys/net.
  if (name.find('/') != std::string::npos || name.find("..") != std::string::npos) throw invalid(quoted + " is not a name");
  if (name.starts_with("net.")) {
    if (modes.network == NamespaceMode::host) throw invalid(quoted + " not allowed in host network namespace");
  } else if (is_ipc_sysctl(name)) {
    if (modes.ipc == NamespaceMode::host) throw invalid(quoted + " is not allowed in the hosts ipc namespace");
  } else {
    throw invalid(quoted + " is not in a separate kernel namespace");
  }
}

} // namespace

NamespaceModes namespace_modes(const HostConfig& host, const SpecContext& context) {
  NamespaceModes modes;
  const bool host_network = context.network_ns_path == "host" || host.network_mode == "host";
  modes.network = mode_of(host_network ? "host" : "", context.network_ns_path);
  modes.pid = mode_of(host.pid_mode, context.pid_ns_path);
  modes.ipc = mode_of(host.ipc_mode, context.ipc_ns_path);
  modes.uts = mode_of(host.uts_mode, "");
  const bool own_cgroup = host.cgroupns_mode.empty() ? context.cgroup_version == 2 : host.cgroupns_mode == "private";
  modes.cgroup = own_cgroup ? NamespaceMode::own : NamespaceMode::host;
  return modes;
}

Json make_namespaces(const NamespaceModes& modes, const SpecContext& context) {
  Json list = Json::array({{{"type", "mount"}}});
  const auto add = [&](const char* type, NamespaceMode mode, const std::string& path) {
    if (mode == NamespaceMode::host) return;
    Json entry{{"type", type}};
    if (mode == NamespaceMode::joined) entry["path"] = path;
    list.push_back(std::move(entry));
  };
  add("network", modes.network, context.network_ns_path);
  add("uts", modes.uts, "");
  add("pid", modes.pid, context.pid_ns_path);
  add("ipc", modes.ipc, context.ipc_ns_path);
  add("cgroup", modes.cgroup, "");
  return list;
}

Json make_sysctls(const HostConfig& host, const NamespaceModes& modes) {
  Json sysctls = Json::object();
  if (modes.network == NamespaceMode::own) {
    sysctls["net.ipv4.ip_unprivileged_port_start"] = "0";
    sysctls["net.ipv4.ping_group_range"] = "0 2147483647";
  }
  for (const auto& [name, value] : host.sysctls) {
    check_sysctl(name, modes);
    sysctls[name] = value;
  }
  return sysctls;
}

} // namespace gantry::containers
