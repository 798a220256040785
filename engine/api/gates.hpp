#pragma once

#include <string_view>

#include "api/version.hpp"
#include "base/json.hpp"

namespace gantry::api {

/// Which wire object a gate belongs to.
enum class WireObject { container_inspect, container_summary, info };

/// Removes from a reply the fields that the requested version does not have (table in gates.cpp).
void apply_gates(WireObject object, ApiVersion version, Json& value);

} // namespace gantry::api
