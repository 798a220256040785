#pragma once

#include <cstdint>

#include "containers/driver_call.hpp"

namespace gantry::containers {

/// For what a driver answers at once: one that is stuck must not hold the thread that asks for ever.
inline constexpr std::int64_t prompt_ns = 60'000'000'000;

} // namespace gantry::containers
