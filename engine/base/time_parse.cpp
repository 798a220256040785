#include <time.h>

#include <charconv>
#include <cstdlib>
#include <limits>
#include <optional>
#include <string_view>

#include "base/error.hpp"
#include "base/time.hpp"

namespace gantry {

namespace {

constexpr std::int64_t ns_per_second = 1'000'000'000;
constexpr std::int64_t most_seconds = std::numeric_limits<std::int64_t>::max() / ns_per_second - 1;
/// "0001-01-01T00:00:00Z", Go's zero time.
constexpr std::int64_t go_zero_seconds = -62135596800;

bool is_digit(char c) { return c >= '0' && c <= '9'; }

std::size_t digits(std::string_view text) {
  std::size_t n = 0;
  while (n < text.size() && is_digit(text[n])) ++n;
  return n;
}

/// A cursor over hostile text: every take_* either consumes what it names or leaves the text alone.
struct Scan {
  std::string_view rest;

  bool take(char c) {
    if (!rest.starts_with(c)) return false;
    rest.remove_prefix(1);
    return true;
  }
  std::optional<int> take_number(std::size_t width, int low, int high) {
    if (digits(rest.substr(0, width)) != width) return std::nullopt;
    int value = 0;
    std::from_chars(rest.data(), rest.data() + width, value);
    if (value < low || value > high) return std::nullopt;
    rest.remove_prefix(width);
    return value;
  }
  /// Digits of a decimal fraction as nanoseconds; those behind the ninth are dropped. Nothing when there are none.
  std::optional<std::int64_t> take_fraction() {
    const auto count = digits(rest);
    if (count == 0) return std::nullopt;
    std::int64_t value = 0;
    for (std::size_t i = 0; i < 9; ++i) value = value * 10 + (i < count ? rest[i] - '0' : 0);
    rest.remove_prefix(count);
    return value;
  }
};

std::optional<std::int64_t> unit_ns(std::string_view unit) {
  static constexpr std::pair<std::string_view, std::int64_t> units[] = {
      {"ns", 1},         {"us", 1000},         {"\u00b5s", 1000},         {"\u03bcs", 1000},
      {"ms", 1'000'000}, {"s", ns_per_second}, {"m", 60 * ns_per_second}, {"h", 3600 * ns_per_second}};
  for (const auto& [name, ns] : units) {
    if (name == unit) return ns;
  }
  return std::nullopt;
}

/// One "1.5h"; nothing when malformed or too large.
std::optional<std::int64_t> take_duration_part(Scan& scan) {
  const auto whole_digits = digits(scan.rest);
  std::int64_t whole = 0;
  const auto parsed = std::from_chars(scan.rest.data(), scan.rest.data() + whole_digits, whole);
  if (whole_digits > 0 && parsed.ec != std::errc()) return std::nullopt;
  scan.rest.remove_prefix(whole_digits);
  std::int64_t fraction = 0;
  bool any = whole_digits > 0;
  if (scan.take('.')) {
    const auto taken = scan.take_fraction();
    any = any || taken.has_value();
    fraction = taken.value_or(0);
  }
  if (!any) return std::nullopt;
  std::size_t width = 0;
  while (width < scan.rest.size() && scan.rest[width] != '.' && !is_digit(scan.rest[width])) ++width;
  const auto unit = unit_ns(scan.rest.substr(0, width));
  scan.rest.remove_prefix(width);
  std::int64_t ns = 0;
  if (!unit || __builtin_mul_overflow(whole, *unit, &ns)) return std::nullopt;
  const auto part = *unit >= ns_per_second ? fraction * (*unit / ns_per_second) : fraction * *unit / ns_per_second;
  if (__builtin_add_overflow(ns, part, &ns)) return std::nullopt;
  return ns;
}

std::optional<std::int64_t> duration(std::string_view text) {
  Scan scan{text};
  const bool negative = scan.take('-');
  if (!negative) scan.take('+');
  if (scan.rest == "0") return 0;
  if (scan.rest.empty()) return std::nullopt;
  std::int64_t total = 0;
  while (!scan.rest.empty()) {
    const auto part = take_duration_part(scan);
    if (!part || __builtin_add_overflow(total, *part, &total)) return std::nullopt;
  }
  return negative ? -total : total;
}

/// "Z", "+02:00" or nothing at all (local time) as seconds east of UTC; false when malformed.
bool take_zone(Scan& scan, std::optional<int>& offset) {
  if (scan.rest.empty()) return true;
  if (scan.take('Z')) {
    offset = 0;
    return true;
  }
  const bool west = scan.take('-');
  if (!west && !scan.take('+')) return false;
  const auto hours = scan.take_number(2, 0, 23);
  if (!hours || !scan.take(':')) return false;
  const auto minutes = scan.take_number(2, 0, 59);
  if (!minutes) return false;
  offset = (west ? -1 : 1) * (*hours * 3600 + *minutes * 60);
  return true;
}

/// "T15", "T15:04", "T15:04:05" with an optional fraction.
bool take_clock(Scan& scan, tm& when, std::int64_t& fraction) {
  if (!scan.take('T')) return true;
  const auto hour = scan.take_number(2, 0, 23);
  if (!hour) return false;
  when.tm_hour = *hour;
  if (!scan.take(':')) return true;
  const auto minute = scan.take_number(2, 0, 59);
  if (!minute) return false;
  when.tm_min = *minute;
  if (!scan.take(':')) return true;
  const auto sec = scan.take_number(2, 0, 59);
  if (!sec) return false;
  when.tm_sec = *sec;
  if (!scan.take('.')) return true;
  const auto taken = scan.take_fraction();
  fraction = taken.value_or(0);
  return taken.has_value();
}

std::optional<std::int64_t> date(std::string_view text) {
  Scan scan{text};
  tm when{};
  when.tm_isdst = -1;
  const auto year = scan.take_number(4, 1, 9999);
  if (!year || !scan.take('-')) return std::nullopt;
  const auto month = scan.take_number(2, 1, 12);
  if (!month || !scan.take('-')) return std::nullopt;
  const auto day = scan.take_number(2, 1, 31);
  std::int64_t fraction = 0;
  std::optional<int> offset;
  if (!day || !take_clock(scan, when, fraction) || !take_zone(scan, offset) || !scan.rest.empty()) return std::nullopt;
  when.tm_year = *year - 1900;
  when.tm_mon = *month - 1;
  when.tm_mday = *day;
  const std::int64_t seconds = offset ? ::timegm(&when) - *offset : ::mktime(&when);
  if (when.tm_mday != *day) return std::nullopt; // the calendar moved 30 February on
  if (seconds == go_zero_seconds) return 0;
  if (std::abs(seconds) > most_seconds) return std::nullopt;
  return seconds * ns_per_second + fraction;
}

/// "1700000000.123456789", also negative.
std::optional<std::int64_t> unix_seconds(std::string_view text) {
  Scan scan{text};
  const bool negative = scan.take('-');
  const auto count = digits(scan.rest);
  std::int64_t whole = 0;
  const auto parsed = std::from_chars(scan.rest.data(), scan.rest.data() + count, whole);
  if (count == 0 || parsed.ec != std::errc()) return std::nullopt;
  whole = std::min(whole, most_seconds); // as far away as can be said
  scan.rest.remove_prefix(count);
  std::int64_t fraction = 0;
  if (scan.take('.')) {
    const auto taken = scan.take_fraction();
    if (!taken) return std::nullopt;
    fraction = *taken;
  }
  if (!scan.rest.empty()) return std::nullopt;
  const auto ns = whole * ns_per_second + fraction;
  return negative ? -ns : ns;
}

} // namespace

std::int64_t parse_duration(const std::string& text) {
  if (const auto ns = duration(text)) return *ns;
  throw invalid("invalid duration \"" + text + "\": a Go duration such as 10s, 1m30s or 1.5h is needed");
}

std::int64_t parse_timestamp(const std::string& text) {
  if (const auto ns = unix_seconds(text)) return *ns;
  if (const auto ns = date(text)) return *ns;
  if (const auto ns = duration(text)) {
    std::int64_t when = 0;
    if (!__builtin_sub_overflow(now_ns(), *ns, &when)) return when;
  }
  throw invalid("failed to parse value as time or duration: \"" + text + "\""); // Docker's words
}

} // namespace gantry
