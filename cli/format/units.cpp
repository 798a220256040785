#include "cli/format/units.hpp"

#include <array>
#include <cstdio>
#include <ctime>

namespace gantry::cli {
namespace {

template <std::size_t n>
std::string scaled(double value, double base, const std::array<const char*, n>& units, int digits) {
  std::size_t unit = 0;
  while (value >= base && unit + 1 < n) {
    value /= base;
    ++unit;
  }
  char out[64];
  std::snprintf(out, sizeof out, "%.*g%s", digits, value, units[unit]);
  return out;
}

std::string zone_offset(const std::tm& t, const char* format) {
  const long minutes = t.tm_gmtoff / 60;
  char out[48];
  std::snprintf(out, sizeof out, format, minutes < 0 ? '-' : '+', std::abs(minutes) / 60, std::abs(minutes) % 60);
  return out;
}

std::tm local(std::int64_t seconds) {
  const auto when = static_cast<std::time_t>(seconds);
  std::tm t{};
  ::localtime_r(&when, &t);
  return t;
}

} // namespace

std::string human_size(double bytes, int digits) {
  return scaled(bytes, 1000, std::array{"B", "kB", "MB", "GB", "TB", "PB", "EB", "ZB", "YB"}, digits);
}

std::string human_size_binary(double bytes) {
  return scaled(bytes, 1024, std::array{"B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB", "ZiB", "YiB"}, 4);
}

std::string human_duration(std::int64_t seconds) {
  const std::int64_t minutes = seconds / 60, hours = (seconds + 1800) / 3600;
  const auto count = [](std::int64_t n, const char* unit) { return std::to_string(n) + " " + unit; };
  if (seconds < 1) return "Less than a second";
  if (seconds == 1) return "1 second";
  if (seconds < 60) return count(seconds, "seconds");
  if (minutes == 1) return "About a minute";
  if (minutes < 60) return count(minutes, "minutes");
  if (hours == 1) return "About an hour";
  if (hours < 48) return count(hours, "hours");
  if (hours < 24 * 7 * 2) return count(hours / 24, "days");
  if (hours < 24 * 30 * 2) return count(hours / 24 / 7, "weeks");
  if (hours < 24 * 365 * 2) return count(hours / 24 / 30, "months");
  return count(seconds / 3600 / 24 / 365, "years");
}

std::int64_t parse_time(const std::string& text) {
  std::tm t{};
  const char* rest = ::strptime(text.c_str(), "%Y-%m-%dT%H:%M:%S", &t);
  if (rest == nullptr || t.tm_year + 1900 <= 1) return 0;
  std::int64_t nanos = 0;
  if (*rest == '.') {
    std::int64_t scale = 100'000'000;
    for (++rest; *rest >= '0' && *rest <= '9'; ++rest, scale /= 10) nanos += (*rest - '0') * scale;
  }
  std::int64_t offset = 0;
  int hours = 0, minutes = 0;
  if ((*rest == '+' || *rest == '-') && std::sscanf(rest + 1, "%2d:%2d", &hours, &minutes) == 2)
    offset = (*rest == '-' ? -1 : 1) * (hours * 3600 + minutes * 60);
  return (static_cast<std::int64_t>(::timegm(&t)) - offset) * 1'000'000'000 + nanos;
}

std::string long_time(std::int64_t seconds) {
  const std::tm t = local(seconds);
  char out[64];
  std::strftime(out, sizeof out, "%Y-%m-%d %H:%M:%S ", &t);
  return out + zone_offset(t, "%c%02ld%02ld") + " " + (t.tm_zone ? t.tm_zone : "UTC");
}

std::string rfc3339_time(std::int64_t seconds) {
  const std::tm t = local(seconds);
  char out[64];
  std::strftime(out, sizeof out, "%Y-%m-%dT%H:%M:%S", &t);
  return out + (t.tm_gmtoff == 0 ? "Z" : zone_offset(t, "%c%02ld:%02ld"));
}

std::int64_t now_seconds() { return static_cast<std::int64_t>(::time(nullptr)); }

} // namespace gantry::cli
