#include "log-journald/entry.hpp"

#include <time.h>

#include <array>
#include <cstdint>
#include <cstdio>

namespace gantry::log_journald {
namespace {

/// "NAME=value", or with a length in front of values that a line cannot hold.
void append(std::string& out, const std::string& name, std::string_view value) {
  out += name;
  if (value.find('\n') == std::string_view::npos) {
    out.append("=").append(value);
  } else {
    out += '\n';
    const std::uint64_t size = value.size();
    for (int i = 0; i < 8; ++i) out += static_cast<char>(size >> (8 * i) & 0xff);
    out.append(value);
  }
  out += '\n';
}

std::string rfc3339(std::int64_t ns) {
  const auto seconds = static_cast<time_t>(ns / 1'000'000'000);
  tm parts{};
  ::gmtime_r(&seconds, &parts);
  std::array<char, 40> text{};
  std::array<char, 56> whole{};
  ::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%S", &parts);
  std::snprintf(whole.data(), whole.size(), "%s.%09dZ", text.data(), static_cast<int>(ns % 1'000'000'000));
  return whole.data();
}

} // namespace

std::string field_name(const std::string& name) {
  std::string result;
  for (const char c : name) {
    const bool letter = (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    const bool lower = c >= 'a' && c <= 'z';
    result += letter ? c : lower ? static_cast<char>(c - 'a' + 'A') : '_';
  }
  // A name that begins with an underscore is the journal's own, a digit is not allowed there.
  const std::size_t start = result.find_first_not_of('_');
  if (start == std::string::npos) return "";
  result.erase(0, start);
  return result[0] >= '0' && result[0] <= '9' ? "" : result.substr(0, 64);
}

std::string common_fields(const LogSource& source) {
  std::string fields;
  append(fields, "CONTAINER_ID", source.id.substr(0, 12));
  append(fields, "CONTAINER_ID_FULL", source.id);
  append(fields, "CONTAINER_NAME", source.name);
  append(fields, "CONTAINER_TAG", source.tag);
  append(fields, "IMAGE_NAME", source.image_name);
  append(fields, "SYSLOG_IDENTIFIER", source.tag);
  for (const auto& [name, value] : source.attributes) {
    const std::string field = field_name(name);
    if (!field.empty()) append(fields, field, value);
  }
  return fields;
}

std::string entry(std::string_view common, const LogSource& source, const LogRecord& record) {
  std::string text(common);
  append(text, "PRIORITY", record.err ? "3" : "6");
  append(text, "SYSLOG_TIMESTAMP", rfc3339(record.time_ns));
  if (record.part > 0) {
    append(text, "CONTAINER_PARTIAL_ID", source.id + "-" + std::to_string(record.line));
    append(text, "CONTAINER_PARTIAL_ORDINAL", std::to_string(record.part));
    append(text, "CONTAINER_PARTIAL_LAST", record.more ? "false" : "true");
    if (record.more) append(text, "CONTAINER_PARTIAL_MESSAGE", "true");
  }
  append(text, "MESSAGE", record.text);
  return text;
}

} // namespace gantry::log_journald
