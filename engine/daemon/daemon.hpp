#pragma once

#include "config/command_line.hpp"
#include "config/config.hpp"

namespace gantry::daemon {

/// Runs gantryd until SIGTERM or SIGINT has shut it down; returns the exit code. Throws what prevents the start: one sentence,
/// with everything that was begun undone.
int run(const config::CommandLine& line, config::Config config);

} // namespace gantry::daemon
