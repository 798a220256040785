#include "log-common/options.hpp"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <cstdlib>
#include <string_view>

namespace gantry::log_common {
namespace {

Error invalid(const std::string& why) { return {Code::invalid, why}; }

bool is_one_of(const std::string& text, std::initializer_list<const char*> words) {
  return std::any_of(words.begin(), words.end(), [&](const char* word) { return text == word; });
}

/// Nanoseconds of a unit, 0 when it is none.
std::int64_t unit(std::string_view name) {
  constexpr std::pair<std::string_view, std::int64_t> units[] = {{"ns", 1},
                                                                 {"us", 1'000},
                                                                 {"µs", 1'000},
                                                                 {"ms", 1'000'000},
                                                                 {"s", 1'000'000'000},
                                                                 {"m", 60'000'000'000},
                                                                 {"h", 3'600'000'000'000}};
  for (const auto& [known, size] : units) {
    if (known == name) return size;
  }
  return 0;
}

} // namespace

const std::string* find(const LogSettings& settings, const std::string& name) {
  for (const auto& pair : settings) {
    if (pair.first == name) return &pair.second;
  }
  return nullptr;
}

std::string value_or(const LogSettings& settings, const std::string& name, const std::string& standard) {
  const std::string* value = find(settings, name);
  return value != nullptr && !value->empty() ? *value : standard;
}

void refuse_unknown(const LogSettings& settings, std::initializer_list<const char*> known, const std::string& before,
                    const std::string& after) {
  for (const auto& pair : settings) {
    if (is_one_of(pair.first, known)) continue;
    throw invalid(std::string(before).append(pair.first).append(after));
  }
}

bool parse_bool(const std::string& text) {
  if (is_one_of(text, {"1", "t", "T", "TRUE", "true", "True"})) return true;
  if (is_one_of(text, {"0", "f", "F", "FALSE", "false", "False"})) return false;
  throw invalid("strconv.ParseBool: parsing \"" + text + "\": invalid syntax");
}

std::optional<std::int64_t> parse_integer(const std::string& text) {
  std::int64_t number = 0;
  const char* end = text.data() + text.size();
  const auto parsed = std::from_chars(text.data(), end, number);
  if (parsed.ec != std::errc() || parsed.ptr != end) return std::nullopt;
  return number;
}

std::uint64_t parse_bytes(const std::string& text) {
  const std::size_t digits = text.find_first_not_of("0123456789.");
  const std::string number = text.substr(0, digits);
  std::string suffix = digits == std::string::npos ? "" : text.substr(digits);
  std::transform(suffix.begin(), suffix.end(), suffix.begin(), [](unsigned char c) { return std::tolower(c); });
  if (!suffix.empty() && suffix.front() == ' ') suffix.erase(0, 1);
  const std::string units = "kmgtp";
  const std::size_t power = suffix.empty() || suffix == "b" ? 0 : units.find(suffix.front()) + 1;
  const bool known = suffix.empty() || suffix == "b" || (power != 0 && is_one_of(suffix.substr(1), {"", "b", "ib"}));
  if (number.empty() || number.front() == '.' || !known) throw invalid("invalid size: '" + text + "'");
  double bytes = std::strtod(number.c_str(), nullptr);
  for (std::size_t i = 0; i < power; ++i) bytes *= 1024;
  if (bytes > 9e18) throw invalid("invalid size: '" + text + "'");
  return static_cast<std::uint64_t>(bytes);
}

std::int64_t parse_duration(const std::string& text) {
  const Error wrong = invalid("time: invalid duration \"" + text + "\"");
  if (text == "0") return 0;
  double total = 0;
  std::string_view rest = text;
  if (rest.empty()) throw wrong;
  while (!rest.empty()) {
    const std::size_t digits = std::min(rest.find_first_not_of("0123456789."), rest.size());
    const std::size_t end = std::min(rest.find_first_of("0123456789.", digits), rest.size());
    const std::int64_t size = unit(rest.substr(digits, end - digits));
    if (digits == 0 || size == 0) throw wrong;
    total += std::strtod(std::string(rest.substr(0, digits)).c_str(), nullptr) * static_cast<double>(size);
    rest.remove_prefix(end);
  }
  if (total > 9e18) throw wrong;
  return static_cast<std::int64_t>(total);
}

} // namespace gantry::log_common
