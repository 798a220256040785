#pragma once

#include <string>
#include <vector>

#include "cli/json.hpp"

namespace gantry::cli {

bool is_function(const std::string& name);
/// Calls one of the template language's functions. Throws std::invalid_argument with what is wrong with the arguments.
Json call_function(const std::string& name, const std::vector<Json>& arguments);
/// Go's rule: false, 0, nil and what is empty are false.
bool truth(const Json& value);

} // namespace gantry::cli
