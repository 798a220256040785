#pragma once

#include <cstdint>

#include "base/error.hpp"

namespace gantry::images {

/// Stops decompression bombs: beyond the first GiB compressed data may not grow more than 200 times. Real layers grow
/// 2 to 10 times.
inline void check_expansion(std::uint64_t compressed, std::uint64_t expanded) {
  constexpr std::uint64_t always_allowed = 1ULL << 30, max_ratio = 200;
  if (expanded > always_allowed && expanded / max_ratio > compressed)
    throw invalid("refusing a decompression bomb: the data grows more than 200 times");
}

} // namespace gantry::images
