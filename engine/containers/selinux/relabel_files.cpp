#include "containers/selinux/relabel_files.hpp"

#include "base/error.hpp"
#include "containers/mount_text.hpp"
#include "containers/namespace_join.hpp"
#include "containers/selinux/labels.hpp"
#include "containers/selinux/relabel.hpp"
#include "containers/subpaths.hpp"
#include "containers/volumes.hpp"

namespace gantry::containers::selinux {
namespace {

/// Who shares a network shares the names' files.
void relabel_own_files(const Parts& parts, const Container& container) {
  const ContainerPtr network = joined_container(parts, container.host_config.network_mode);
  const std::string own = parts.paths.container(container.id);
  const std::string names = network ? parts.paths.container(network->id) : own;
  const std::string label = network ? shared_label(container.mount_label) : container.mount_label;
  for (const char* file : {"/hosts", "/hostname", "/resolv.conf"}) relabel(names + file, label);
  relabel(own + "/dockerenv", container.mount_label);
}

/// Empty for what has no directory on the host.
std::string source_of(const MountPoint& point, const VolumeMounts& volumes) {
  if (point.type == "bind") return point.source;
  const auto found = volumes.by_name.find(volume_key(point));
  return found != volumes.by_name.end() && found->second.type == "bind" ? found->second.source : "";
}

void relabel_point(const MountPoint& point, const VolumeMounts& volumes, const std::string& mount_label) {
  if (point.type != "bind" && point.type != "volume") return;
  const auto mode = parse_mode(point.mode);
  // An anonymous volume may come to be used by another container.
  const char wanted = point.anonymous && point.mode.empty() ? 'z' : mode ? mode->relabel : '\0';
  const std::string source = source_of(point, volumes);
  if (wanted == '\0' || source.empty()) return;
  try {
    relabel(source, wanted == 'z' ? shared_label(mount_label) : mount_label);
  } catch (const Error& e) {
    throw e.context("error setting label on mount source '" + source + "'");
  }
}

} // namespace

void relabel_mounts(const Parts& parts, const Container& container, const VolumeMounts& volumes) {
  if (!parts.defaults.selinux.enabled() || container.mount_label.empty()) return;
  for (const auto& point : container.mounts) relabel_point(point, volumes, container.mount_label);
}

void relabel_files(Parts& parts, const Container& container, const VolumeMounts& volumes) {
  if (!parts.defaults.selinux.enabled() || container.mount_label.empty()) return;
  relabel_own_files(parts, container);
  relabel_mounts(parts, container, volumes);
}

} // namespace gantry::containers::selinux
