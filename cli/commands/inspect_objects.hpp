#pragma once

#include <functional>
#include <string>
#include <vector>

#include "cli/json.hpp"

namespace gantry::cli {

/// Prints what `get` returns for each name: an indented JSON list, or one line per object through the template. What was found is
/// printed even when some names fail; their errors follow, and the exit code is 1.
int inspect_objects(const std::vector<std::string>& names, const std::string& format,
                    const std::function<Json(const std::string&)>& get);

} // namespace gantry::cli
