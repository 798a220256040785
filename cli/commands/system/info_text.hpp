#pragma once

#include <string>

#include "cli/json.hpp"

namespace gantry::cli {

/// What `info` prints, from GET /info; null when the daemon did not answer.
std::string info_text(const Json& info);
/// The daemon's warnings, on standard error.
void print_warnings(const Json& info);

} // namespace gantry::cli
