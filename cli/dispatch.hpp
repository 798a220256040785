#pragma once

#include <string>
#include <vector>

namespace gantry::cli {

/// Reads the global flags, finds the command, runs it, and returns its exit code. Throws Failure.
int dispatch(const std::vector<std::string>& args);

} // namespace gantry::cli
