#pragma once

#include <gantry/sdk/fd.hpp>

#include "containers/parts.hpp"

// Images as mounts: their files, read-only, beside those of the container's own image.
namespace gantry::containers {

/// The files of the image `point.source`, or what `point.subpath` is in them, as a read-only mount that is attached nowhere
/// yet. It ends with its last descriptor or attachment. Blocks. not_found for the image and the subpath.
UniqueFd image_tree(Parts&, const MountPoint& point);

} // namespace gantry::containers
