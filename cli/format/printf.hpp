#pragma once

#include <string>
#include <vector>

#include "cli/json.hpp"

namespace gantry::cli {

/// Go's fmt.Sprintf for %s %q %v %d %x %t %f %%, with flags, width and precision.
std::string go_printf(const std::string& format, const std::vector<Json>& arguments);

} // namespace gantry::cli
