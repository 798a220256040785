#include "api/terminal_size.hpp"

#include "base/error.hpp"

namespace gantry::api {

namespace {

std::uint32_t read_side(const Query& query, const char* name) {
  constexpr std::int64_t largest = 65535; // TIOCSWINSZ takes 16 bits
  const auto value = query.integer(name);
  if (!value || *value < 0 || *value > largest)
    throw invalid("invalid resize " + std::string(name[0] == 'h' ? "height" : "width") + " \"" + query.get(name) +
                  "\": a number from 0 to " + std::to_string(largest) + " is expected");
  return static_cast<std::uint32_t>(*value);
}

} // namespace

TerminalSize read_terminal_size(const Query& query) { return {read_side(query, "h"), read_side(query, "w")}; }

} // namespace gantry::api
