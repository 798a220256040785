#pragma once

#include <string>

#include "base/json.hpp"

namespace gantry::config {

/// A configuration file as JSON: *.json strictly, everything else as YAML. Its top is an object. Errors: invalid with
/// file, line and reason; not_found when there is no such file.
Json read_document(const std::string& path);

} // namespace gantry::config
