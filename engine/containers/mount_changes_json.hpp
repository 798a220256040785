#pragma once

#include "containers/mount_changes.hpp"

namespace gantry::containers {

/// "Mount" and "Unmount" of the member "Gantry" of an update request. invalid for what they cannot be.
MountChanges mount_changes_from_json(const Json&);

} // namespace gantry::containers
