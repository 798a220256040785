#pragma once

#include <cstdint>
#include <map>
#include <string>

#include <gantry/sdk/log.hpp>

#include "containers/model.hpp"

namespace gantry::containers {

/// The log drivers of plugins, by name.
using LogDrivers = std::map<std::string, LogDriver*>;

/// json-file, local and none are the engine's own: their lines stay in the container's log file.
bool is_built_in_log_driver(const std::string& name);

/// What the options say about the container's log file and about delivery.
struct LogSetup {
  std::uint64_t max_bytes = 20ULL << 20; ///< 0: never rotates
  std::uint32_t max_files = 5;
  bool compress = false;
  bool readable = true;            ///< false: `logs` refuses (none, cache-disabled)
  std::uint64_t backlog_bytes = 0; ///< mode=non-blocking: older lines are dropped rather than delivered; 0: all are delivered
};

/// Reads them; invalid with Docker's texts for unknown options and bad values. `plugins` hear about theirs.
LogSetup read_log_options(const LogConfig& config, const LogDrivers& plugins);

/// The options of a plugin's driver that are for itself.
LogSettings driver_settings(const LogConfig& config);

} // namespace gantry::containers
