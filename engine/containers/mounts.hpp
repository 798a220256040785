#pragma once

#include <string>
#include <vector>

#include "base/json.hpp"
#include "containers/model.hpp"
#include "files/open.hpp"

// What a create request wants mounted: HostConfig.Binds and .Mounts, as Docker reads them. Pure, but for the last two.
namespace gantry::containers {

/// A mount together with how its volume is to be made when it does not exist.
struct RequestedMount {
  MountPoint point;
  std::string driver; ///< of the volume; empty: the default, or whatever an existing one has
  Labels options, labels;
};

/// Binds, then Mounts, in order. Checks as Docker does (invalid with its texts, also for two mounts at one path).
std::vector<RequestedMount> requested_mounts(const HostConfig&);
std::vector<MountPoint> requested_points(const HostConfig&);

/// An entry of VolumesFrom: "container[:mode]".
struct VolumesFrom {
  std::string container;
  bool read_only = false;
};
VolumesFrom parse_volumes_from(const std::string& text);

using files::clean_path;

/// Before create is answered: sources of Mounts must exist (unless CreateMountpoint).
void check_mount_sources(const std::vector<MountPoint>&);
/// Before start: makes the host directories that are missing and may be made.
void create_bind_sources(const std::vector<MountPoint>&);

} // namespace gantry::containers
