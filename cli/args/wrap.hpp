#pragma once

#include <string>

namespace gantry::cli {

/// Breaks `text` between words so that no line is longer than `width` when it starts at column `indent`; continuation lines are
/// indented. Line breaks in the text stay.
std::string wrap(const std::string& text, std::size_t indent, std::size_t width);

} // namespace gantry::cli
