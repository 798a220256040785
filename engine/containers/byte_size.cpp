#include "containers/byte_size.hpp"

#include <cctype>
#include <charconv>
#include <string>

#include "base/text.hpp"

namespace gantry::containers {
namespace {

std::optional<std::int64_t> parse_size(std::string_view text, double base) {
  double number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number, std::chars_format::fixed);
  if (error != std::errc() || !(number >= 0)) return std::nullopt;
  std::string suffix = lower({end, text.data() + text.size()});
  if (suffix.starts_with(' ')) suffix.erase(0, 1);
  if (!suffix.empty() && suffix != "b") {
    const std::size_t power = std::string_view("kmgtp").find(suffix[0]);
    const std::string_view rest = std::string_view(suffix).substr(1);
    if (power == std::string_view::npos || !(rest.empty() || rest == "b" || rest == "ib")) return std::nullopt;
    for (std::size_t i = 0; i <= power; ++i) number *= base;
  }
  if (number >= 9.2e18) return std::nullopt;
  return static_cast<std::int64_t>(number);
}

} // namespace

std::optional<std::int64_t> parse_byte_size(std::string_view text) { return parse_size(text, 1024); }
std::optional<std::int64_t> parse_human_size(std::string_view text) { return parse_size(text, 1000); }

} // namespace gantry::containers
