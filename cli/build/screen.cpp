#include "cli/build/screen.hpp"

#include <algorithm>
#include <cstdio>

namespace gantry::cli {
namespace {

using State = BuildStep::State;
using Colour = ScreenLine::Colour;

constexpr std::size_t tail_max = 6;

std::string seconds_text(double seconds) {
  char text[32];
  std::snprintf(text, sizeof text, "%.1fs", std::max(0.0, seconds));
  return text;
}

/// `left` and `right` at the ends of a line; what is left is cut first.
std::string justified(const std::string& left, const std::string& right, std::size_t columns) {
  if (columns < right.size() + 10) return fitted(left, columns);
  const std::string cut = fitted(left, columns - right.size() - 1);
  return cut + std::string(columns - right.size() - width_of(cut), ' ') + right;
}

Colour colour_of(State state) {
  switch (state) {
    case State::running:
      return Colour::none;
    case State::failed:
      return Colour::failed;
    case State::canceled:
      return Colour::canceled;
    default:
      return Colour::done;
  }
}

ScreenLine step_line(const BuildStep& step, std::size_t columns) {
  const char* mark = step.state == State::cached ? "CACHED " : step.state == State::failed ? "ERROR " : "";
  const std::string canceled = step.state == State::canceled ? "CANCELED " : "";
  return {justified(" => " + canceled + mark + step.name, seconds_text(step.seconds()), columns), colour_of(step.state)};
}

std::vector<std::string> tail_of(const BuildStep& step, std::size_t most) {
  std::vector<std::string> all;
  for (const auto& [id, text] : step.layers) all.push_back(text);
  all.insert(all.end(), step.lines.begin(), step.lines.end());
  if (!step.partial.empty()) all.push_back(cleaned(step.partial));
  if (all.size() > most) all.erase(all.begin(), all.end() - static_cast<std::ptrdiff_t>(most));
  return all;
}

std::size_t count(const std::vector<BuildStep>& steps, bool running) {
  return static_cast<std::size_t>(
      std::count_if(steps.begin(), steps.end(), [&](const auto& step) { return (step.state == State::running) == running; }));
}

} // namespace

std::size_t width_of(std::string_view text) {
  std::size_t width = 0;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    // Beginnings of characters; those of three bytes and more from U+1000 on may take two columns.
    if ((byte & 0xc0) != 0x80) width += byte >= 0xe1 ? 2 : 1;
  }
  return width;
}

std::string fitted(std::string_view text, std::size_t columns) {
  if (width_of(text) <= columns) return std::string(text);
  const std::string_view dots = columns > 3 ? "..." : "";
  std::size_t end = 0, width = 0;
  while (end < text.size()) {
    std::size_t next = end + 1;
    while (next < text.size() && (static_cast<unsigned char>(text[next]) & 0xc0) == 0x80) ++next;
    width += width_of(text.substr(end, next - end));
    if (width > columns - dots.size()) break;
    end = next;
  }
  return std::string(text.substr(0, end)) + std::string(dots);
}

std::vector<ScreenLine> screen(const std::vector<BuildStep>& steps, double seconds, ScreenSize size, bool last) {
  // The last column stays free: some terminals break a line that fills it.
  const std::size_t columns = std::max<std::size_t>(size.columns, 2) - 1;
  const std::size_t room = last ? steps.size() : std::max<std::size_t>(size.rows, 4) - 2;
  const std::size_t running = count(steps, true);
  std::vector<ScreenLine> lines;
  lines.push_back({justified("[+] Building (" + std::to_string(count(steps, false)) + "/" + std::to_string(steps.size()) + ")",
                             seconds_text(seconds), columns)});
  // Those that are over give way first, the oldest of them before the others.
  std::size_t hidden = steps.size() > room ? steps.size() - room : 0;
  std::size_t free = room > steps.size() ? room - steps.size() : 0;
  for (const auto& step : steps) {
    if (hidden > 0 && (step.state != State::running || running > room)) {
      --hidden;
      continue;
    }
    lines.push_back(step_line(step, columns));
    if (last || step.state != State::running) continue;
    for (const auto& text : tail_of(step, std::min(tail_max, free))) {
      lines.push_back({fitted(" => => " + text, columns)});
      --free;
    }
  }
  return lines;
}

} // namespace gantry::cli
