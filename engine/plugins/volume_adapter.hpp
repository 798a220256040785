#pragma once

#include <memory>

#include <gantry/abi/v1/volume.h>
#include <gantry/sdk/volume.hpp>

#include "plugins/instance.hpp"

namespace gantry::plugins {

/// A plugin's volume driver as the engine calls it. Errors of the driver arrive as they were thrown there.
std::unique_ptr<VolumeDriver> adapt_volume(const gantry_volume_table& table, std::unique_ptr<DriverInstance> instance);

} // namespace gantry::plugins
