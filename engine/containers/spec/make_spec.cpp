#include "containers/cdi/apply.hpp"
#include "containers/spec/capabilities.hpp"
#include "containers/spec/devices.hpp"
#include "containers/spec/mounts.hpp"
#include "containers/spec/namespaces.hpp"
#include "containers/spec/process.hpp"
#include "containers/spec/seccomp.hpp"
#include "containers/spec/security_options.hpp"

namespace gantry::containers {
namespace {

/// Without the daemon's seccomp (or in a privileged container) a profile applies only when the user named one.
Json make_seccomp(const Container& container, const SpecContext& context, const SecurityOptions& security) {
  const bool by_default = context.seccomp && !container.host_config.privileged;
  if (security.seccomp.empty() && !by_default) return nullptr;
  return seccomp_for(
      security.seccomp.empty() ? context.seccomp_profile : security.seccomp,
      container.host_config.privileged ? context.available_capabilities : container_capabilities(container.host_config, context));
}

/// Mounts that the host propagates into need a root that lets it pass.
std::string root_propagation(const Json& mounts) {
  std::string propagation;
  for (const auto& mount : mounts) {
    for (const auto& option : mount.value("options", Json::array())) {
      if (option == "shared" || option == "rshared") return "shared";
      if (option == "slave" || option == "rslave") propagation = "rslave";
    }
  }
  return propagation;
}

void hide_paths(Json& linux, const HostConfig& host, const SecurityOptions& security) {
  if (host.privileged || security.unconfined_system_paths) return;
  linux["maskedPaths"] = host.masked_paths.value_or(default_masked_paths());
  linux["readonlyPaths"] = host.readonly_paths.value_or(default_readonly_paths());
}

Json make_linux(const Container& container, const SpecContext& context, const NamespaceModes& modes, const Json& mounts) {
  const HostConfig& host = container.host_config;
  const SecurityOptions security = parse_security_options(host.security_opt);
  SpecDevices devices = make_devices(host);
  Json linux{{"sysctl", make_sysctls(host, modes, context.id_maps)},
             {"resources", make_resources(host.resources, context.cgroup_version)},
             {"cgroupsPath", context.cgroup_path},
             {"namespaces", make_namespaces(modes, context)},
             {"devices", std::move(devices.nodes)}};
  linux["resources"]["devices"] = std::move(devices.rules);
  if (!context.id_maps.empty()) {
    linux["uidMappings"] = make_id_map(context.id_maps.uids);
    linux["gidMappings"] = make_id_map(context.id_maps.gids);
  }
  hide_paths(linux, host, security);
  if (const std::string propagation = root_propagation(mounts); !propagation.empty()) linux["rootfsPropagation"] = propagation;
  if (context.selinux && !container.mount_label.empty()) linux["mountLabel"] = container.mount_label;
  if (Json seccomp = make_seccomp(container, context, security); !seccomp.is_null()) linux["seccomp"] = std::move(seccomp);
  return linux;
}

} // namespace

Json make_spec(const Container& container, const SpecContext& context) {
  const HostConfig& host = container.host_config;
  const NamespaceModes modes = namespace_modes(host, context);
  Json mounts = make_mounts(host, context, wants_init(container, context));
  Json spec{{"ociVersion", "1.1.0"},
            {"process", make_process(container, context)},
            {"root", {{"path", "rootfs"}, {"readonly", host.readonly_rootfs}}}};
  if (modes.uts == NamespaceMode::own) {
    spec["hostname"] = container_hostname(container);
    if (!container.config.domainname.empty()) spec["domainname"] = container.config.domainname;
  }
  if (!host.annotations.empty()) spec["annotations"] = host.annotations;
  spec["linux"] = make_linux(container, context, modes, mounts);
  spec["mounts"] = std::move(mounts);
  if (!context.hooks.is_null()) spec["hooks"] = context.hooks;
  for (const Json& edits : context.device_edits) cdi::apply_edits(spec, edits);
  return spec;
}

} // namespace gantry::containers
