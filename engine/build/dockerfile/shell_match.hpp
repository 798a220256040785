#pragma once

#include <string_view>

namespace gantry::build {

/// A shell pattern (* ? [..], \ escapes) against a whole text; `*` also matches '/'.
bool shell_match(std::string_view pattern, std::string_view text);

} // namespace gantry::build
