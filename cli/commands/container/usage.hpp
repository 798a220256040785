#pragma once

#include <string>
#include <utility>
#include <vector>

#include "cli/json.hpp"

namespace gantry::cli {

std::vector<std::pair<std::string, std::string>> usage_headings();
/// One line of `stats` from a sample of GET /containers/{id}/stats.
Json usage_row(const Json& sample, const std::string& name, bool shorten);

} // namespace gantry::cli
