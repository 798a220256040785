#pragma once

#include <string>

#include <gantry/sdk/runtime.hpp>

#include "containers/log_options.hpp"
#include "containers/model.hpp"

namespace gantry::containers {

/// Fills in the daemon's defaults and checks driver and options; invalid with Docker's texts.
void complete_log_config(LogConfig& config, const std::string& default_driver,
                         const std::map<std::string, std::string>& default_options, const LogDrivers& plugins);

/// What the shim does with the output. `path` is the file of the container.
LogPolicy make_log_policy(const Container& container, const std::string& path, const LogDrivers& plugins);

/// Whether what was logged can be read back.
bool is_readable(const LogConfig& config);

} // namespace gantry::containers
