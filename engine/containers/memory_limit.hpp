#pragma once

#include <cstdint>

#include <gantry/sdk/runtime.hpp>

namespace gantry::containers {

/// The container's own limit; 0 when it has none (cgroups then say a number near the largest there is).
std::uint64_t own_memory_limit(const RuntimeStats&);
/// How often the container's memory was at its limit (v1 failcnt, v2 memory.events: oom).
std::uint64_t times_memory_limit_was_hit(const RuntimeStats&);

} // namespace gantry::containers
