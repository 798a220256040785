#include "log-syslog/message.hpp"

#include <time.h>

#include <array>
#include <cstdio>

namespace gantry::log_syslog {
namespace {

constexpr int error_severity = 3, info_severity = 6;

std::string formatted(const char* format, const tm& parts) {
  std::array<char, 64> text{};
  const std::size_t size = ::strftime(text.data(), text.size(), format, &parts);
  return {text.data(), size};
}

/// "Jan  2 15:04:05"
std::string stamp(const tm& parts) { return formatted("%b %e %H:%M:%S", parts); }

/// "2024-01-02T03:04:05Z" or with "+01:00".
std::string rfc3339(const tm& parts, std::int64_t fraction_ns, bool micro) {
  std::string text = formatted("%Y-%m-%dT%H:%M:%S", parts);
  if (micro) {
    std::array<char, 16> digits{};
    std::snprintf(digits.data(), digits.size(), ".%06d", static_cast<int>(fraction_ns / 1000));
    text += digits.data();
  }
  if (parts.tm_gmtoff == 0) return text + "Z";
  const std::string zone = formatted("%z", parts);
  return text + zone.substr(0, 3) + ":" + zone.substr(3);
}

} // namespace

std::string message(const Options& options, const Sender& sender, const LogRecord& record) {
  const std::string priority = "<" + std::to_string(options.facility * 8 + (record.err ? error_severity : info_severity)) + ">";
  const auto seconds = static_cast<time_t>(record.time_ns / 1'000'000'000);
  tm parts{};
  ::localtime_r(&seconds, &parts);
  const std::string pid = std::to_string(sender.pid);
  const std::string end = record.text + "\n";
  switch (options.format) {
    case Format::unix_style:
      return priority + stamp(parts) + " " + sender.tag + "[" + pid + "]: " + end;
    case Format::rfc3164:
      return priority + stamp(parts) + " " + sender.host + " " + sender.tag + "[" + pid + "]: " + end;
    case Format::rfc5424:
    case Format::rfc5424micro:
      break;
  }
  const std::string time = rfc3339(parts, record.time_ns % 1'000'000'000, options.format == Format::rfc5424micro);
  return priority + "1 " + time + " " + sender.host + " " + sender.tag + " " + pid + " " + sender.tag + " - " + end;
}

} // namespace gantry::log_syslog
