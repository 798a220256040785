#pragma once

#include <string>
#include <vector>

namespace gantry::containers {

/// What the daemon holds and may thus grant ("CAP_CHOWN", …): its bounding set.
const std::vector<std::string>& daemon_capabilities();

} // namespace gantry::containers
