#include "log-fluentd/options.hpp"

#include <algorithm>

#include "log-common/options.hpp"

namespace gantry::log_fluentd {
namespace {

using log_common::find;

Error invalid(const std::string& why) { return {Code::invalid, why}; }

Error wrong_address(const std::string& text, const std::string& why) {
  return invalid("invalid fluentd-address " + text + ": " + why);
}

/// "host", "host:port", "tcp://host:port", "unix:///path".
log_common::Endpoint endpoint_of(const std::string& text) {
  log_common::Endpoint endpoint{"tcp", "127.0.0.1", "24224", ""};
  if (text.empty()) return endpoint;
  if (text.rfind("unix://", 0) == 0) {
    endpoint = {"unix", "", "", text.substr(7)};
    if (endpoint.path.empty() || endpoint.path == "/") throw wrong_address(text, "path is empty");
    return endpoint;
  }
  const std::string rest = text.rfind("tcp://", 0) == 0 ? text.substr(6) : text;
  const std::size_t bracket = rest.rfind(']');
  const std::size_t colon = rest.find(':', bracket == std::string::npos ? 0 : bracket);
  std::string host = rest.substr(0, colon);
  if (colon != std::string::npos) {
    endpoint.port = rest.substr(colon + 1);
    const std::size_t slash = endpoint.port.find('/');
    if (slash != std::string::npos && rest != text) endpoint.port.erase(slash);
    if (!log_common::parse_integer(endpoint.port))
      throw wrong_address(text, "strconv.Atoi: parsing \"" + endpoint.port + "\": invalid syntax");
  }
  if (host.size() > 2 && host.front() == '[') host = host.substr(1, host.size() - 2);
  if (!host.empty()) endpoint.host = host;
  return endpoint;
}

void check_retries(const LogSettings& settings) {
  if (const auto* retries = find(settings, "fluentd-max-retries")) {
    const auto number = log_common::parse_integer(*retries);
    if (!number || *number < 0) throw invalid("strconv.ParseUint: parsing \"" + *retries + "\": invalid syntax");
  }
  if (const auto* wait = find(settings, "fluentd-retry-wait")) (void)log_common::parse_duration(*wait);
  const auto* interval = find(settings, "fluentd-async-reconnect-interval");
  if (interval == nullptr) return;
  const std::int64_t ns = log_common::parse_duration(*interval);
  if (ns != 0 && (ns < 100'000'000 || ns > 10'000'000'000))
    throw invalid("invalid value for fluentd-async-reconnect-interval: value (" + *interval + ") must be between 100ms and 10s");
}

} // namespace

Options read_options(const LogSettings& settings) {
  log_common::refuse_unknown(settings,
                             {"fluentd-address", "fluentd-async", "fluentd-async-connect", "fluentd-async-reconnect-interval",
                              "fluentd-buffer-limit", "fluentd-max-retries", "fluentd-request-ack", "fluentd-retry-wait",
                              "fluentd-sub-second-precision", "fluentd-write-timeout"},
                             "unknown log opt '", "' for fluentd log driver");
  Options options;
  options.endpoint = endpoint_of(log_common::value_or(settings, "fluentd-address", ""));
  check_retries(settings);
  // Delivery never blocks the container: both are what it is anyway.
  for (const char* name : {"fluentd-async", "fluentd-async-connect"}) {
    if (const auto* value = find(settings, name)) (void)log_common::parse_bool(*value);
  }
  if (const auto* ack = find(settings, "fluentd-request-ack")) options.request_ack = log_common::parse_bool(*ack);
  if (const auto* fine = find(settings, "fluentd-sub-second-precision")) options.nanoseconds = log_common::parse_bool(*fine);
  if (const auto* limit = find(settings, "fluentd-buffer-limit")) options.buffer_limit = log_common::parse_bytes(*limit);
  if (const auto* timeout = find(settings, "fluentd-write-timeout"); timeout != nullptr) {
    const std::int64_t ns = log_common::parse_duration(*timeout);
    if (ns > 0) options.write_timeout_ms = std::clamp<std::int64_t>(ns / 1'000'000, 1, 10'000);
  }
  return options;
}

} // namespace gantry::log_fluentd
