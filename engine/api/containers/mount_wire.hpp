#pragma once

#include "base/json.hpp"
#include "containers/model.hpp"

namespace gantry::api {

/// The `Mounts` of list and inspect: binds and bind mounts, in the order in which they were asked for.
Json mount_points(const gantry::containers::HostConfig& host);

} // namespace gantry::api
