#pragma once

#include <cstdint>

#include "api/query.hpp"

namespace gantry::api {

struct TerminalSize {
  std::uint32_t rows = 0, cols = 0;
};

/// `h` and `w` of a resize request; both are required. invalid otherwise.
TerminalSize read_terminal_size(const Query& query);

} // namespace gantry::api
