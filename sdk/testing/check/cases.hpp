#pragma once

#include <string>
#include <vector>

#include "check/options.hpp"

namespace gantry::check {

/// "Suite.case" of every case for the kinds of driver that the plugin's manifest promises, or the one that the options name.
/// Throws gantry::Error when there is none or the manifest cannot be had.
std::vector<std::string> cases_for(const Options& options);

/// Runs one case in this process, in namespaces of its own: the exit status is 0 passed, 1 failed, 77 skipped.
int run_here(const Options& options, const std::string& name);

} // namespace gantry::check
