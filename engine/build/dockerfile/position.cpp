#include "build/dockerfile/position.hpp"

#include <algorithm>
#include <vector>

namespace gantry::build {
namespace {

constexpr std::size_t shown_line_max = 160;
constexpr int lines_max = 10;

std::vector<std::string_view> source_lines(std::string_view text) {
  std::vector<std::string_view> lines;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.size(), text.find('\n', at));
    lines.push_back(text.substr(at, end - at));
    if (lines.back().ends_with('\r')) lines.back().remove_suffix(1);
    at = end + 1;
  }
  return lines;
}

/// One column per byte, so that carets stand right.
std::string printable(std::string_view line) {
  std::string out;
  for (const char c : line.substr(0, shown_line_max)) {
    const auto byte = static_cast<unsigned char>(c);
    out += byte == '\t' ? ' ' : byte < ' ' || byte == 0x7f ? '?' : c;
  }
  return line.size() > shown_line_max ? out + "..." : out;
}

std::string number(int line) {
  const std::string text = std::to_string(line);
  return std::string(text.size() < 4 ? 4 - text.size() : 0, ' ') + text;
}

/// Bytes of UTF-8 that take no column of their own.
std::size_t columns(std::string_view text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }));
}

struct Found {
  int line = 0;
  std::size_t at = 0;
};

Found find_token(const std::vector<std::string_view>& lines, const Place& place) {
  if (place.token.empty() || place.token.find('\n') != std::string::npos) return {};
  for (int n = place.first_line; n <= place.last_line; ++n) {
    const std::size_t at = lines[static_cast<std::size_t>(n) - 1].find(place.token);
    if (at != std::string_view::npos) return {n, at};
  }
  return {};
}

/// The place as far as the text has it.
Place inside(Place place, std::size_t lines) {
  const int last = static_cast<int>(lines);
  if (place.first_line < 1 || place.first_line > last) return {};
  place.last_line = std::clamp(place.last_line, place.first_line, last);
  return place;
}

} // namespace

DockerfileError located(const Error& error, const std::string& classic, int first_line, int last_line) {
  Place place;
  if (const auto* known = dynamic_cast<const DockerfileError*>(&error)) place = known->place();
  place.first_line = first_line;
  place.last_line = last_line;
  if (place.why.empty()) place.why = error.what();
  return {classic, place};
}

std::string show_place(const std::string& name, const std::string& text, const Place& wanted, const std::string& why) {
  const auto lines = source_lines(text);
  const Place place = inside(wanted, lines.size());
  if (place.first_line == 0) return name + ": " + why;
  const Found found = find_token(lines, place);
  std::string out = name + ":" + std::to_string(found.line > 0 ? found.line : place.first_line);
  if (found.line > 0) out += ":" + std::to_string(found.at + 1);
  out += ": " + why;
  const int last = std::min(place.last_line, std::max(place.first_line, found.line) + lines_max - 1);
  const int first = std::max(place.first_line, last - 2 * lines_max);
  for (int n = first; n <= last; ++n) {
    const std::string_view line = lines[static_cast<std::size_t>(n) - 1];
    out += "\n" + number(n) + " | " + printable(line);
    if (n != found.line || found.at + place.token.size() > shown_line_max) continue;
    const std::size_t width = std::max<std::size_t>(1, columns(place.token));
    out += "\n     | " + std::string(columns(line.substr(0, found.at)), ' ') + "^" + std::string(width - 1, '~');
  }
  if (last < place.last_line) out += "\n     | ...";
  return out;
}

std::string show_excerpt(const std::string& text, const Place& wanted) {
  constexpr int around = 2;
  const std::string rule = "--------------------\n";
  const auto lines = source_lines(text);
  const Place place = inside(wanted, lines.size());
  if (place.first_line == 0) return "";
  std::string out = rule;
  const int last = std::min(place.last_line, place.first_line + lines_max);
  for (int n = std::max(1, place.first_line - around); n <= std::min(static_cast<int>(lines.size()), last + around); ++n) {
    const bool meant = n >= place.first_line && n <= place.last_line;
    out += number(n) + " | " + (meant ? ">>> " : "    ") + printable(lines[static_cast<std::size_t>(n) - 1]) + "\n";
  }
  return out + rule;
}

} // namespace gantry::build
