#include "containers/spec_context.hpp"

#include "base/error.hpp"
#include "containers/capabilities.hpp"
#include "containers/cdi/device.hpp"
#include "containers/device_requests.hpp"
#include "containers/hooks.hpp"
#include "containers/namespace_join.hpp"
#include "containers/user_namespace.hpp"
#include "containers/volumes.hpp"

namespace gantry::containers {
namespace {

/// Path of a namespace of the container named by a mode "container:<reference>"; empty for other modes.
std::string join(Parts& parts, const Container& self, const std::string& mode, const char* kind, SpecContext& context) {
  const ContainerPtr other = joined_container(parts, mode);
  if (!other) return "";
  check_joinable(self, *other, kind);
  JoinedNamespace joined = open_namespace(parts, *other, kind);
  context.held.push_back(std::move(joined.fd));
  return joined.path;
}

void choose_namespaces(Parts& parts, const Container& container, SpecContext& context) {
  const HostConfig& config = container.host_config;
  context.network_ns_path = config.network_mode == "host" ? "host" : join(parts, container, config.network_mode, "net", context);
  context.ipc_ns_path = join(parts, container, config.ipc_mode, "ipc", context);
  // An external runtime knows no way to a directory of another container: the files of its /dev/shm are its own.
  const bool external = parts.runtimes.is_external(container);
  if (const ContainerPtr other = external ? nullptr : joined_container(parts, config.ipc_mode)) {
    JoinedNamespace mounts = open_namespace(parts, *other, "mnt");
    context.held.push_back(std::move(mounts.fd));
    context.shm_ns_path = mounts.path;
  }
  context.pid_ns_path = join(parts, container, config.pid_mode, "pid", context);
  context.id_maps = container.id_maps;
  if (container.id_maps.empty()) return;
  const ContainerPtr owner = user_namespace_owner(parts, container);
  if (!owner) return;
  JoinedNamespace joined = open_namespace(parts, *owner, "user");
  context.held.push_back(std::move(joined.fd));
  context.user_ns_path = joined.path;
  context.id_maps = owner->id_maps;
}

std::string cgroup_path(const Parts& parts, const Container& container) {
  const std::string& own = container.host_config.resources.cgroup_parent;
  std::string parent = own.empty() ? parts.defaults.cgroup_parent : own;
  if (!parent.starts_with('/')) parent.insert(0, "/");
  while (parent.size() > 1 && parent.ends_with('/')) parent.pop_back();
  return (parent == "/" ? "" : parent) + "/" + container.id;
}

} // namespace

SpecContext make_spec_context(Parts& parts, const Container& container) {
  const HostConfig& config = container.host_config;
  const std::string directory = parts.paths.container(container.id);
  SpecContext context = make_process_context(parts, container);
  choose_namespaces(parts, container, context);
  // Who shares a network shares its names.
  const ContainerPtr network = joined_container(parts, config.network_mode);
  const std::string names = network ? parts.paths.container(network->id) : directory;
  context.dockerenv_path = directory + "/dockerenv";
  context.hosts_path = names + "/hosts";
  context.hostname_path = names + "/hostname";
  context.resolv_conf_path = names + "/resolv.conf";
  context.mounts = oci_mounts(container.mounts);
  return context;
}

SpecContext make_process_context(Parts& parts, const Container& container) {
  const HostConfig& config = container.host_config;
  const RuntimeFeatures& features = parts.features();
  SpecContext context;
  context.cgroup_path = cgroup_path(parts, container);
  context.cgroup_version = features.cgroup_version;
  if (config.init.value_or(parts.defaults.init)) context.init_path = parts.defaults.init_path;
  context.seccomp = features.seccomp;
  context.apparmor = features.apparmor;
  context.selinux = parts.defaults.selinux.enabled();
  context.no_new_privileges = parts.defaults.no_new_privileges;
  context.available_capabilities = daemon_capabilities();
  context.default_ulimits = parts.defaults.ulimits;
  context.seccomp_profile = parts.defaults.seccomp_profile;
  return context;
}

SpecContext make_start_context(Parts& parts, const Container& container, VolumeMounts& volumes) {
  const Defaults& defaults = parts.defaults;
  const Json& requests = container.host_config.resources.device_requests;
  const auto devices = requested_cdi_devices(requests, !defaults.cdi_spec_dirs.empty());
  SpecContext context = make_spec_context(parts, container);
  context.mounts = oci_mounts(container.mounts, &volumes);
  context.device_edits = cdi::find_edits(defaults.cdi_spec_dirs, devices);
  context.hooks = configured_hooks(defaults.hooks_dirs, container);
  return context;
}

} // namespace gantry::containers
