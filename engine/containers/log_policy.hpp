#pragma once

#include <string>

#include <gantry/sdk/runtime.hpp>

#include "containers/model.hpp"

namespace gantry::containers {

/// Fills in the daemon's defaults and checks driver and options; invalid with Docker's texts.
/// json-file: max-size (bytes, default 20m, -1 never rotates), max-file (default 5); the options that only label lines
/// elsewhere (labels, labels-regex, env, env-regex, tag, compress, mode, max-buffer-size) are accepted.
void complete_log_config(LogConfig& config, const std::string& default_driver,
                         const std::map<std::string, std::string>& default_options);

/// What the shim does with the output. `path` is the file of the container.
LogPolicy make_log_policy(const LogConfig& config, const std::string& path);

/// Whether what was logged can be read back.
bool is_readable(const LogConfig& config);

} // namespace gantry::containers
