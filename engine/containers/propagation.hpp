#pragma once

#include <vector>

#include "containers/model.hpp"

namespace gantry::containers {

/// Mounts that are to propagate need a source on a mount that is shared (or, for "slave", receives from one); internal,
/// with Docker's words, when it is not. Reads /proc/self/mountinfo when there is such a mount.
void check_propagation(const std::vector<MountPoint>& points);

} // namespace gantry::containers
