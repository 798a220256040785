#include "base/time.hpp"

#include <time.h>

#include <array>
#include <cstdio>

namespace gantry {

namespace {

constexpr std::int64_t second = 1'000'000'000;

/// Writes "2024-01-02T03:04:05.123456789Z".
std::string fixed(std::int64_t ns) {
  std::int64_t seconds = ns / second, fraction = ns % second;
  if (fraction < 0) {
    fraction += second;
    --seconds;
  }
  const time_t when = seconds;
  tm utc{};
  ::gmtime_r(&when, &utc);
  std::array<char, 96> text;
  std::snprintf(text.data(), text.size(), "%04d-%02d-%02dT%02d:%02d:%02d.%09dZ", utc.tm_year + 1900, utc.tm_mon + 1, utc.tm_mday,
                utc.tm_hour, utc.tm_min, utc.tm_sec, static_cast<int>(fraction));
  return text.data();
}

} // namespace

std::int64_t now_ns() {
  timespec now{};
  ::clock_gettime(CLOCK_REALTIME, &now);
  return now.tv_sec * second + now.tv_nsec;
}

std::string rfc3339_nano(std::int64_t ns) {
  if (ns == 0) return "0001-01-01T00:00:00Z";
  auto text = fixed(ns);
  text.pop_back();
  text.erase(text.find_last_not_of('0') + 1);
  if (text.back() == '.') text.pop_back();
  return text + 'Z';
}

std::string duration_text(std::int64_t ns) {
  if (ns < 0) return "-" + duration_text(-ns);
  const auto decimal = [](std::int64_t value, std::int64_t unit) {
    std::string fraction = std::to_string(unit + value % unit).substr(1); // with its leading zeros
    fraction.erase(fraction.find_last_not_of('0') + 1);
    return std::to_string(value / unit) + (fraction.empty() ? "" : "." + fraction);
  };
  if (ns == 0) return "0s";
  if (ns < 1000) return std::to_string(ns) + "ns";
  if (ns < 1'000'000) return decimal(ns, 1000) + "\u00b5s";
  if (ns < second) return decimal(ns, 1'000'000) + "ms";
  const std::int64_t minutes = ns / (60 * second);
  std::string text = minutes >= 60 ? std::to_string(minutes / 60) + "h" : "";
  if (minutes > 0) text += std::to_string(minutes % 60) + "m";
  return text + decimal(ns % (60 * second), second) + "s";
}

std::string rfc3339_nano_fixed(std::int64_t ns) { return ns == 0 ? "0001-01-01T00:00:00.000000000Z" : fixed(ns); }

} // namespace gantry
