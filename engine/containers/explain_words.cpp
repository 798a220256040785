#include "containers/explain_words.hpp"

#include <algorithm>
#include <array>
#include <cstdio>

namespace gantry::containers {
namespace {

std::string two_units(std::int64_t big, const char* big_unit, std::int64_t small, const char* small_unit) {
  std::string text = std::to_string(big) + big_unit;
  return small == 0 ? text : text + ' ' + std::to_string(small) + small_unit;
}

std::string with_decimal(double value, const char* unit) {
  char text[64];
  std::snprintf(text, sizeof text, "%.1f %s", value, unit);
  return text;
}

} // namespace

std::string duration_words(std::int64_t ns) {
  const std::int64_t ms = std::max<std::int64_t>(ns, 0) / 1'000'000, s = ms / 1000, min = s / 60, h = min / 60;
  if (ms < 1000) return std::to_string(ms) + " ms";
  if (s < 60) return with_decimal(static_cast<double>(ms) / 1000, "s");
  if (min < 60) return two_units(min, " min", s % 60, " s");
  if (h < 48) return two_units(h, " h", min % 60, " min");
  return two_units(h / 24, " days", h % 24, " h");
}

std::string size_words(std::uint64_t bytes) {
  constexpr std::array units = {"KiB", "MiB", "GiB", "TiB", "PiB"};
  if (bytes < 1024) return std::to_string(bytes) + " B";
  double value = static_cast<double>(bytes) / 1024;
  std::size_t unit = 0;
  for (; value >= 1024 && unit + 1 < units.size(); ++unit) value /= 1024;
  return with_decimal(value, units[unit]);
}

std::string share_words(double part, double whole) {
  char text[32];
  std::snprintf(text, sizeof text, "%.0f %%", whole > 0 ? part / whole * 100 : 0.0);
  return text;
}

} // namespace gantry::containers
