#pragma once

#include "base/json.hpp"
#include "containers/model.hpp"

namespace gantry::api {

/// The `Mounts` of list and inspect.
Json mount_points(const std::vector<gantry::containers::MountPoint>& mounts);

} // namespace gantry::api
