#include "log-syslog/options.hpp"

#include <sys/stat.h>

#include <cerrno>
#include <cstring>

#include "log-common/options.hpp"

namespace gantry::log_syslog {
namespace {

using log_common::find;
using log_common::value_or;

Error invalid(const std::string& why) { return {Code::invalid, why}; }

int facility_of(const std::string& text) {
  constexpr std::pair<const char*, int> names[] = {
      {"kern", 0},    {"user", 1},    {"mail", 2},    {"daemon", 3},    {"auth", 4},    {"syslog", 5},  {"lpr", 6},
      {"news", 7},    {"uucp", 8},    {"cron", 9},    {"authpriv", 10}, {"ftp", 11},    {"local0", 16}, {"local1", 17},
      {"local2", 18}, {"local3", 19}, {"local4", 20}, {"local5", 21},   {"local6", 22}, {"local7", 23}};
  if (text.empty()) return 3;
  for (const auto& [name, number] : names) {
    if (text == name) return number;
  }
  const auto number = log_common::parse_integer(text);
  if (!number || *number < 0 || *number > 23) throw invalid("invalid syslog facility");
  return static_cast<int>(*number);
}

Format format_of(const std::string& text) {
  if (text.empty()) return Format::unix_style;
  if (text == "rfc3164") return Format::rfc3164;
  if (text == "rfc5424") return Format::rfc5424;
  if (text == "rfc5424micro") return Format::rfc5424micro;
  throw invalid("Invalid syslog format");
}

void read_address(const std::string& text, Options& options) {
  if (text.empty()) return;
  const auto url = log_common::parse_url(text);
  const auto wrong = [&] { return invalid("syslog-address should be in form proto://address, got " + text); };
  if (!url) throw wrong();
  auto& endpoint = options.endpoint;
  if (url->scheme == "unix" || url->scheme == "unixgram") {
    endpoint.protocol = url->scheme;
    endpoint.path = url->host + url->path;
    struct stat found {};
    if (::stat(endpoint.path.c_str(), &found) != 0)
      throw invalid("stat " + endpoint.path + ": " + (errno == ENOENT ? "no such file or directory" : std::strerror(errno)));
    return;
  }
  options.tls = url->scheme == "tcp+tls";
  if (!options.tls && url->scheme != "tcp" && url->scheme != "udp") throw wrong();
  endpoint.protocol = options.tls ? "tcp" : url->scheme;
  endpoint.host = url->host;
  endpoint.port = url->port.empty() ? "514" : url->port;
}

} // namespace

Options read_options(const LogSettings& settings) {
  log_common::refuse_unknown(settings,
                             {"syslog-address", "syslog-facility", "syslog-format", "syslog-tls-ca-cert", "syslog-tls-cert",
                              "syslog-tls-key", "syslog-tls-skip-verify"},
                             "unknown log opt '", "' for syslog log driver");
  Options options;
  read_address(value_or(settings, "syslog-address", ""), options);
  options.facility = facility_of(value_or(settings, "syslog-facility", ""));
  options.format = format_of(value_or(settings, "syslog-format", ""));
  options.ca = value_or(settings, "syslog-tls-ca-cert", "");
  options.certificate = value_or(settings, "syslog-tls-cert", "");
  options.key = value_or(settings, "syslog-tls-key", "");
  // Docker looks whether it is there, not what it says; "false" meant the same as "true".
  const std::string* skip = find(settings, "syslog-tls-skip-verify");
  options.skip_verify = skip != nullptr && (skip->empty() || log_common::parse_bool(*skip));
  return options;
}

} // namespace gantry::log_syslog
