#pragma once

#include <algorithm>
#include <cstdint>

namespace gantry::containers {

/// struct winsize holds 16 bits.
inline std::uint16_t terminal_cells(std::uint32_t count) { return static_cast<std::uint16_t>(std::min(count, 65535U)); }

} // namespace gantry::containers
