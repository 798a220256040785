#pragma once

#include <string>

#include "cli/json.hpp"

namespace gantry::cli {

/// The answer of GET /gantry/containers/{id}/explain for people.
std::string explain_text(const Json& explained);

} // namespace gantry::cli
