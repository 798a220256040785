#include "containers/subpaths.hpp"
#include "containers/volumes.hpp"

namespace gantry::containers {
namespace {

Json oci_mount(const std::string& type, const std::string& source, const std::string& target, const StringList& options) {
  return {{"destination", target}, {"type", type}, {"source", source}, {"options", options}};
}

/// A read-only mount is read-only all the way down, unless that was not wanted.
const char* access(const MountPoint& point) {
  if (point.rw) return "rw";
  return point.submounts == "writable" || !point.recursive ? "ro" : "rro";
}

Json bind(const MountPoint& point) {
  StringList options = {point.recursive ? "rbind" : "bind", point.propagation, access(point)};
  if (point.mapped) options.emplace_back("ridmap");
  return oci_mount("bind", point.source, point.destination, options);
}

Json tmpfs(const MountPoint& point) {
  StringList options = {"nosuid", "nodev", "noexec", point.rw ? "rw" : "ro"};
  if (point.tmpfs_size > 0) options.push_back("size=" + std::to_string(point.tmpfs_size));
  if (point.tmpfs_mode > 0) {
    char mode[24];
    std::snprintf(mode, sizeof mode, "mode=%llo", static_cast<unsigned long long>(point.tmpfs_mode));
    options.emplace_back(mode);
  }
  options.insert(options.end(), point.tmpfs_options.begin(), point.tmpfs_options.end());
  return oci_mount("tmpfs", "tmpfs", point.destination, options);
}

Json volume(const MountPoint& point, VolumeMounts* volumes) {
  Mount mount{"bind", point.source, "", {"rbind"}};
  if (volumes != nullptr) mount = volumes->by_name.at(volume_key(point));
  StringList options = mount.options;
  options.emplace_back("rprivate");
  options.emplace_back(access(point));
  // Files belong to the ids of the container, whatever those are on the host: volumes move between containers.
  options.emplace_back("ridmap");
  return oci_mount(mount.type, mount.source, point.destination, options);
}

/// Read-only, and never mapped: the layers are shared by containers whose ids differ.
Json image(const MountPoint& point, VolumeMounts* volumes) {
  Mount mount{"bind", point.source, "", {"rbind"}};
  if (volumes != nullptr) mount = volumes->by_name.at(volume_key(point));
  return oci_mount(mount.type, mount.source, point.destination, {"rbind", "rprivate", "rro"});
}

} // namespace

std::vector<Json> oci_mounts(const std::vector<MountPoint>& points, VolumeMounts* volumes) {
  std::vector<Json> mounts;
  for (const auto& point : points) {
    if (point.type == "volume") {
      mounts.push_back(volume(point, volumes));
    } else if (point.type == "tmpfs") {
      mounts.push_back(tmpfs(point));
    } else if (point.type == "bind") {
      mounts.push_back(bind(point));
    } else if (point.type == "image") {
      mounts.push_back(image(point, volumes));
    }
  }
  return mounts;
}

} // namespace gantry::containers
