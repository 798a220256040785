#pragma once

#include <nlohmann/json.hpp>

namespace gantry::cli {

/// Keeps the order in which the daemon sent the keys: what `inspect` shows.
using Json = nlohmann::ordered_json;

} // namespace gantry::cli
