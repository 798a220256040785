#pragma once

#include "config/command_line.hpp"
#include "daemon/services.hpp"

namespace gantry::daemon {

/// SIGHUP: reads the configuration again, takes over what may change at run time and publishes the daemon's `reload` event.
/// A configuration with a mistake changes nothing and is logged.
void reload(Services& services, const config::CommandLine& line);

} // namespace gantry::daemon
