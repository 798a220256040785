#include "containers/spec_context.hpp"

#include "base/error.hpp"
#include "containers/capabilities.hpp"
#include "containers/cdi/device.hpp"
#include "containers/device_requests.hpp"
#include "containers/hooks.hpp"
#include "containers/mounts.hpp"

namespace gantry::containers {
namespace {

constexpr std::string_view container_prefix = "container:";

/// Path of a namespace of the container named by a mode "container:<reference>"; empty for other modes.
std::string joined_namespace(const Parts& parts, const std::string& mode, const char* kind) {
  if (!mode.starts_with(container_prefix)) return "";
  const ContainerPtr other = parts.index.find(mode.substr(container_prefix.size()))->snapshot();
  if (!is_running(other->phase)) {
    throw Error(Code::forbidden_state,
                std::string("cannot join ") + kind + " namespace of a non running container: " + other->id);
  }
  return "/proc/" + std::to_string(other->pid) + "/ns/" + kind;
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
  const RuntimeFeatures& features = parts.features();
  const std::string directory = parts.paths.container(container.id);
  SpecContext context;
  context.dockerenv_path = directory + "/dockerenv";
  context.hosts_path = directory + "/hosts";
  context.hostname_path = directory + "/hostname";
  context.resolv_conf_path = directory + "/resolv.conf";
  context.cgroup_path = cgroup_path(parts, container);
  context.cgroup_version = features.cgroup_version;
  if (config.init.value_or(parts.defaults.init)) context.init_path = parts.defaults.init_path;
  context.network_ns_path = config.network_mode == "host" ? "host" : joined_namespace(parts, config.network_mode, "net");
  context.ipc_ns_path = joined_namespace(parts, config.ipc_mode, "ipc");
  context.pid_ns_path = joined_namespace(parts, config.pid_mode, "pid");
  context.seccomp = features.seccomp;
  context.apparmor = features.apparmor;
  context.no_new_privileges = parts.defaults.no_new_privileges;
  context.available_capabilities = daemon_capabilities();
  context.default_ulimits = parts.defaults.ulimits;
  context.mounts = make_mounts(config);
  return context;
}

SpecContext make_start_context(Parts& parts, const Container& container) {
  const Defaults& defaults = parts.defaults;
  const Json& requests = container.host_config.resources.device_requests;
  const auto devices = requested_cdi_devices(requests, !defaults.cdi_spec_dirs.empty());
  SpecContext context = make_spec_context(parts, container);
  context.device_edits = cdi::find_edits(defaults.cdi_spec_dirs, devices);
  context.hooks = configured_hooks(defaults.hooks_dirs, container);
  return context;
}

} // namespace gantry::containers
