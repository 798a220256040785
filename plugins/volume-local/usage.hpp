#pragma once

#include <string>

#include <gantry/sdk/volume.hpp>

namespace gantry::volume_local {

/// Sizes of all files below `path`, hard links counted once. What goes away meanwhile is left out.
VolumeUsage measure(Call& call, const std::string& path);

} // namespace gantry::volume_local
