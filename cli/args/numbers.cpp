#include "cli/args/numbers.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <cmath>
#include <stdexcept>
#include <string_view>

namespace gantry::cli {
namespace {

[[noreturn]] void bad(const std::string& function, const std::string& text, const char* why = "invalid syntax") {
  throw std::invalid_argument("strconv." + function + ": parsing \"" + text + "\": " + why);
}

std::int64_t parse_integer(const char* function, const std::string& text, bool sign_allowed) {
  std::string_view rest = text;
  const bool negative = sign_allowed && !rest.empty() && rest[0] == '-';
  if (sign_allowed && !rest.empty() && (rest[0] == '-' || rest[0] == '+')) rest.remove_prefix(1);
  int base = 10;
  if (rest.size() > 1 && rest[0] == '0') {
    const char mark = static_cast<char>(std::tolower(rest[1]));
    base = mark == 'x' ? 16 : mark == 'b' ? 2 : 8;
    rest.remove_prefix(mark == 'x' || mark == 'b' || mark == 'o' ? 2 : 1);
  }
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(rest.data(), rest.data() + rest.size(), value, base);
  if (error == std::errc::result_out_of_range || (error == std::errc() && value > INT64_MAX))
    bad(function, text, "value out of range");
  if (error != std::errc() || end != rest.data() + rest.size()) bad(function, text);
  return negative ? -static_cast<std::int64_t>(value) : static_cast<std::int64_t>(value);
}

/// Reads "12", "12.5", ".5" at the front of `text`; false when there is no number.
bool take_decimal(std::string_view& text, double& out) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out, std::chars_format::fixed);
  if (error != std::errc() || text[0] == '-') return false;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return true;
}

} // namespace

bool parse_bool(const std::string& text) {
  for (const char* yes : {"1", "t", "T", "true", "TRUE", "True"})
    if (text == yes) return true;
  for (const char* no : {"0", "f", "F", "false", "FALSE", "False"})
    if (text == no) return false;
  bad("ParseBool", text);
}

std::int64_t parse_int(const std::string& text) { return parse_integer("ParseInt", text, true); }

std::int64_t parse_uint(const std::string& text, std::int64_t max) {
  const std::int64_t value = parse_integer("ParseUint", text, false);
  if (value > max) bad("ParseUint", text, "value out of range");
  return value;
}

std::int64_t parse_bytes(const std::string& text) {
  const auto wrong = [&text](const char* what) {
    return std::invalid_argument(std::string("invalid ") + what + ": '" + text + "'");
  };
  const auto split = text.find_last_of("01234567890. ");
  if (split == std::string::npos) throw wrong("size");
  std::string_view number(text);
  std::string suffix = text.substr(split + 1);
  number = number.substr(0, split + 1);
  if (!number.empty() && number.back() == ' ') number.remove_suffix(1);
  double value = 0;
  if (number.empty() || !take_decimal(number, value) || !number.empty()) throw wrong("size");
  std::transform(suffix.begin(), suffix.end(), suffix.begin(), [](unsigned char c) { return std::tolower(c); });
  if (suffix == "b" || suffix.empty()) return static_cast<std::int64_t>(value);
  constexpr std::string_view units = "kmgtp";
  const auto unit = units.find(suffix[0]);
  const std::string tail = suffix.substr(1);
  if (unit == std::string_view::npos || (!tail.empty() && tail != "b" && tail != "ib"))
    throw std::invalid_argument("invalid suffix: '" + suffix + "'");
  return static_cast<std::int64_t>(value * std::pow(1024.0, static_cast<double>(unit + 1)));
}

std::int64_t parse_swap(const std::string& text) { return text == "-1" ? -1 : parse_bytes(text); }

std::int64_t parse_cpus(const std::string& text) {
  std::string_view rest = text;
  double value = 0;
  if (rest.empty() || !take_decimal(rest, value) || !rest.empty())
    throw std::invalid_argument("failed to parse " + text + " as a rational number");
  const double nanos = value * 1e9;
  if (std::abs(nanos - std::round(nanos)) > 1e-3) throw std::invalid_argument("value is too precise");
  return std::llround(nanos);
}

std::int64_t parse_duration(const std::string& text) {
  const auto wrong = [&text](const std::string& what) { return std::invalid_argument("time: " + what + "\"" + text + "\""); };
  constexpr std::array<std::pair<std::string_view, double>, 8> units{
      {{"ns", 1}, {"us", 1e3}, {"µs", 1e3}, {"μs", 1e3}, {"ms", 1e6}, {"s", 1e9}, {"m", 6e10}, {"h", 3.6e12}}};
  std::string_view rest = text;
  const bool negative = !rest.empty() && rest[0] == '-';
  if (!rest.empty() && (rest[0] == '-' || rest[0] == '+')) rest.remove_prefix(1);
  if (rest == "0") return 0;
  if (rest.empty()) throw wrong("invalid duration ");
  double total = 0;
  while (!rest.empty()) {
    double value = 0;
    if (!take_decimal(rest, value)) throw wrong("invalid duration ");
    const auto name = rest.substr(0, rest.find_first_of("0123456789."));
    if (name.empty()) throw wrong("missing unit in duration ");
    const auto* unit = std::find_if(units.begin(), units.end(), [name](const auto& u) { return u.first == name; });
    if (unit == units.end()) throw wrong("unknown unit \"" + std::string(name) + "\" in duration ");
    total += value * unit->second;
    rest.remove_prefix(name.size());
  }
  if (total > 9.2e18) throw wrong("invalid duration ");
  return static_cast<std::int64_t>(negative ? -total : total);
}

} // namespace gantry::cli
