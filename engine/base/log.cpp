#include "base/log.hpp"

#include <string>

#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include "base/error.hpp"

namespace gantry::log {

namespace {

spdlog::logger& logger() {
  static const auto instance = [] {
    auto sink = std::make_shared<spdlog::sinks::stderr_sink_mt>();
    auto made = std::make_shared<spdlog::logger>("gantryd", sink);
    made->set_formatter(std::make_unique<spdlog::pattern_formatter>("time=\"%Y-%m-%dT%H:%M:%S.%FZ\" level=%l msg=%v",
                                                                    spdlog::pattern_time_type::utc));
    made->set_level(spdlog::level::info);
    made->flush_on(spdlog::level::trace);
    return made;
  }();
  return *instance;
}

/// In quotes and on one line: nothing that a client sent can forge a second log line or move the terminal.
std::string quote(std::string_view text) {
  static constexpr char hex[] = "0123456789abcdef";
  std::string out = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (c == '\n') {
      out += "\\n";
    } else if (byte < 0x20 || byte == 0x7f) {
      out += {'\\', 'x', hex[byte >> 4], hex[byte & 15]};
    } else {
      out += c;
    }
  }
  return out + '"';
}

void write(spdlog::level::level_enum level, std::string_view message) {
  auto& to = logger();
  if (to.should_log(level)) to.log(level, quote(message));
}

} // namespace

void set_level(std::string_view level) {
  static constexpr std::pair<std::string_view, spdlog::level::level_enum> levels[] = {
      {"trace", spdlog::level::trace}, {"debug", spdlog::level::debug}, {"info", spdlog::level::info},
      {"warn", spdlog::level::warn},   {"error", spdlog::level::err},   {"fatal", spdlog::level::critical}};
  for (const auto& [name, value] : levels) {
    if (name == level) return logger().set_level(value);
  }
  throw invalid("invalid log level \"" + std::string(level) + "\": allowed are trace, debug, info, warn, error, fatal");
}

void debug(std::string_view message) { write(spdlog::level::debug, message); }
void info(std::string_view message) { write(spdlog::level::info, message); }
void warn(std::string_view message) { write(spdlog::level::warn, message); }
void error(std::string_view message) { write(spdlog::level::err, message); }

} // namespace gantry::log
