#pragma once

#include <string>

#include <gantry/abi/v1/log.h>
#include <gantry/abi/v1/network.h>
#include <gantry/abi/v1/runtime.h>
#include <gantry/abi/v1/storage.h>
#include <gantry/abi/v1/volume.h>

namespace gantry::plugins {

/// The driver's table in this engine's size, members that it does not have null. unavailable when a required operation
/// or one half of a group is missing ("driver 'x' implements pause but not resume").
gantry_runtime_table normalise(const gantry_runtime_table* theirs, const std::string& driver);
gantry_storage_table normalise(const gantry_storage_table* theirs, const std::string& driver);
gantry_network_table normalise(const gantry_network_table* theirs, const std::string& driver);
gantry_volume_table normalise(const gantry_volume_table* theirs, const std::string& driver);
gantry_log_table normalise(const gantry_log_table* theirs, const std::string& driver);

} // namespace gantry::plugins
