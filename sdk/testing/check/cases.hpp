#pragma once

#include <string>
#include <vector>

#include "check/options.hpp"

namespace gantry::check {

/// "Suite.case" of every case for the kinds of driver that the plugin's manifest promises. Throws gantry::Error when the
/// manifest or the plugin itself cannot be had.
std::vector<std::string> cases_for(const Options& options);

/// Runs one case in this process, in namespaces of its own: the exit status is 0 passed, 1 failed, 77 skipped.
int run_here(const Options& options);

} // namespace gantry::check
