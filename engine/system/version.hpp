#pragma once

#include <string_view>

namespace gantry::system {

/// Gantry's own version ("0.1.0"), not the Docker version that the API answers for.
std::string_view gantry_version();

} // namespace gantry::system
