#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include <gantry/sdk/fd.hpp>
#include <gantry/sdk/mount.hpp>

#include "containers/mounts.hpp"
#include "containers/parts.hpp"

// What the verbs do with the volumes of a container.
namespace gantry::containers {

/// Create: decides `container.mounts`. Volumes that do not exist are made, for this container, until the volume service hears
/// settle or abandon.
void choose_mounts(Parts&, Container& container);
/// The volume of a requested mount, made when there is none of its name, in use by `user` from now on.
void make_volume(Parts&, RequestedMount&, const std::string& user);
/// Create, once the snapshot is there: copies what the image has at their places into empty volumes, with owners, modes, times
/// and extended attributes. invalid with Docker's text when there is a file.
void fill_volumes(Parts&, const Container& container);

/// How the volumes of a container are mounted, from mount_volumes on.
struct VolumeMounts {
  std::map<std::string, Mount> by_name;
  std::vector<std::shared_ptr<UniqueFd>> held; ///< what the sources of subpaths lead to
};

/// Start: makes the volumes usable and publishes it. Undone by unmount_volumes, also when it throws.
VolumeMounts mount_volumes(Parts&, const Container& container);
/// After its process has ended. Failures are logged.
void unmount_volumes(Parts&, const Container& container) noexcept;

/// Removal: nothing of the container keeps its volumes. Anonymous ones go when `container.removes_volumes`.
void release_volumes(Parts&, const Container& container);

/// OCI mounts, in order. Without `volumes` volumes show the place on the host that they are known to have.
std::vector<Json> oci_mounts(const std::vector<MountPoint>& points, VolumeMounts* volumes = nullptr);

} // namespace gantry::containers
