#include "api/terminal_size.hpp"

#include <charconv>

#include "base/error.hpp"

namespace gantry::api {

namespace {

std::uint32_t read_side(const Query& query, const char* name) {
  constexpr std::int64_t largest = 65535; // TIOCSWINSZ takes 16 bits
  const auto& text = query.get(name);
  const std::string bad = "invalid resize " + std::string(name[0] == 'h' ? "height" : "width") + " \"" + text + "\": ";
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || error != std::errc{} || end != text.data() + text.size()) throw invalid(bad + "invalid syntax");
  if (value < 0 || value > largest) throw invalid(bad + "value out of range");
  return static_cast<std::uint32_t>(value);
}

} // namespace

TerminalSize read_terminal_size(const Query& query) { return {read_side(query, "h"), read_side(query, "w")}; }

} // namespace gantry::api
