#include "containers/spec/namespaces.hpp"

namespace gantry::containers {
namespace {

NamespaceMode mode_of(const std::string& setting, const std::string& path) {
  if (setting == "host") return NamespaceMode::host;
  return path.empty() ? NamespaceMode::own : NamespaceMode::joined;
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
  if (!context.id_maps.empty()) {
    add("user", context.user_ns_path.empty() ? NamespaceMode::own : NamespaceMode::joined, context.user_ns_path);
  }
  return list;
}

Json make_id_map(const std::vector<IdRange>& ranges) {
  Json list = Json::array();
  for (const auto& range : ranges) {
    list.push_back({{"containerID", range.container_id}, {"hostID", range.host_id}, {"size", range.size}});
  }
  return list;
}

} // namespace gantry::containers
