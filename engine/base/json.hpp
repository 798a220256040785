#pragma once

#include <nlohmann/json.hpp>

namespace gantry {

/// Keeps the order of keys, so that what users see in `inspect` comes in Docker's order.
using Json = nlohmann::ordered_json;

} // namespace gantry
