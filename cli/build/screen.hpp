#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "cli/build/step_model.hpp"

namespace gantry::cli {

struct ScreenSize {
  std::size_t rows = 24, columns = 80;
};

struct ScreenLine {
  enum class Colour { none, done, failed, canceled };
  std::string text;
  Colour colour = Colour::none;
};

/// The whole build as lines that fit the terminal, the newest first when there is too little room for all. `last`: the end of it,
/// with every step, whatever the height.
std::vector<ScreenLine> screen(const std::vector<BuildStep>& steps, double seconds, ScreenSize size, bool last);

/// The columns that a terminal needs for a line of UTF-8.
std::size_t width_of(std::string_view text);
/// What fits into so many columns; "..." stands for the rest.
std::string fitted(std::string_view text, std::size_t columns);

} // namespace gantry::cli
