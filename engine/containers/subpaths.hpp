#pragma once

#include <memory>
#include <string>

#include <gantry/sdk/fd.hpp>

#include "containers/model.hpp"

// Subpaths of volumes, which whoever writes to the volume may be changing right now.
namespace gantry::containers {

/// A volume or an image, or a part of it, in VolumeMounts::by_name.
inline std::string volume_key(const MountPoint& point) {
  if (point.type == "image") return "image " + point.source + "/" + point.subpath;
  return point.subpath.empty() ? point.name : point.name + "/" + point.subpath;
}

/// What `point.subpath` is below the directory `root`, open for its path only: the kernel keeps the search inside. not_found;
/// invalid when it leads out.
UniqueFd open_subpath(const std::string& root, const MountPoint& point);

/// A place in `directory` where what `fd` is can be bound from by its path; unmounted and removed with the last copy of the
/// result. `fd` belongs to the calling process' mount namespace.
struct Shown {
  std::string path;
  std::shared_ptr<UniqueFd> held;
};
Shown show(const std::string& directory, UniqueFd fd);
/// The same for a mount that is attached nowhere yet.
Shown show_tree(const std::string& directory, UniqueFd tree);

/// Unmounts and removes what a daemon that was killed left in `directory`.
void hide_all(const std::string& directory);

} // namespace gantry::containers
