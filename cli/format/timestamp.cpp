#include "cli/format/timestamp.hpp"

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <ctime>
#include <stdexcept>

#include "cli/args/numbers.hpp"
#include "cli/format/units.hpp"

namespace gantry::cli {
namespace {

constexpr std::int64_t second = 1'000'000'000;

std::string written(std::int64_t nanos) {
  char out[48];
  std::snprintf(out, sizeof out, "%lld.%09lld", static_cast<long long>(nanos / second), static_cast<long long>(nanos % second));
  return out;
}

/// A date, or a date and a time, without a zone: the local one.
bool parse_local(const std::string& text, std::int64_t& seconds) {
  for (const char* format : {"%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M", "%Y-%m-%d"}) {
    std::tm t{};
    t.tm_isdst = -1;
    const char* end = ::strptime(text.c_str(), format, &t);
    if (end == nullptr || (*end != '\0' && *end != '.')) continue;
    seconds = ::mktime(&t);
    return true;
  }
  return false;
}

} // namespace

std::string unix_timestamp(const std::string& text) {
  try {
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    const auto nanos = std::chrono::duration_cast<std::chrono::nanoseconds>(now).count();
    return written(nanos - parse_duration(text));
  } catch (const std::invalid_argument&) {
  }
  const bool zoned = text.find('T') != std::string::npos &&
                     (text.back() == 'Z' || text.find_first_of("+-", text.find('T')) != std::string::npos);
  if (zoned)
    if (const std::int64_t nanos = parse_time(text); nanos != 0) return written(nanos);
  std::int64_t seconds = 0;
  return parse_local(text, seconds) ? written(seconds * second) : text;
}

} // namespace gantry::cli
