#include "log-gelf/options.hpp"

#include "log-common/options.hpp"

namespace gantry::log_gelf {
namespace {

using log_common::find;

Error invalid(const std::string& why) { return {Code::invalid, why}; }

Error unknown_value(const std::string& value, const std::string& option) {
  return invalid("unknown value \"" + value + "\" for log opt \"" + option + "\" for gelf log driver");
}

void read_address(const LogSettings& settings, Options& options) {
  const std::string* address = find(settings, "gelf-address");
  if (address == nullptr || address->empty()) throw invalid("gelf-address is a required parameter");
  const auto url = log_common::parse_url(*address);
  if (!url || (url->scheme != "udp" && url->scheme != "tcp"))
    throw invalid("gelf-address should be in form proto://address, got " + *address);
  if (url->port.empty() || url->host.empty()) throw invalid("gelf: please provide gelf-address as proto://host:port");
  options.endpoint.protocol = url->scheme;
  options.endpoint.host = url->host;
  options.endpoint.port = url->port;
}

void read_compression(const LogSettings& settings, Options& options) {
  const std::string* type = find(settings, "gelf-compression-type");
  const std::string* level = find(settings, "gelf-compression-level");
  if (options.endpoint.protocol == "tcp") {
    if (type != nullptr || level != nullptr) throw invalid("compression is only supported on UDP");
    return;
  }
  if (type != nullptr) {
    if (*type == "none")
      options.compression = Compression::none;
    else if (*type == "zlib")
      options.compression = Compression::zlib;
    else if (*type != "gzip")
      throw unknown_value(*type, "gelf-compression-type");
  }
  if (level != nullptr) {
    const auto number = log_common::parse_integer(*level);
    if (!number || *number < -1 || *number > 9) throw unknown_value(*level, "gelf-compression-level");
    options.level = static_cast<int>(*number);
  }
}

/// Delivery is tried again for ever; the two options are checked and have no further meaning.
void check_reconnect(const LogSettings& settings, const Options& options) {
  for (const char* name : {"gelf-tcp-max-reconnect", "gelf-tcp-reconnect-delay"}) {
    const std::string* value = find(settings, name);
    if (value == nullptr) continue;
    const std::string quoted = "\"" + std::string(name) + "\"";
    if (options.endpoint.protocol == "udp") throw invalid(quoted + " is only valid for TCP");
    const auto number = log_common::parse_integer(*value);
    if (!number || *number < 0) throw invalid(quoted + " must be a positive integer");
  }
}

} // namespace

Options read_options(const LogSettings& settings) {
  log_common::refuse_unknown(
      settings,
      {"gelf-address", "gelf-compression-type", "gelf-compression-level", "gelf-tcp-max-reconnect", "gelf-tcp-reconnect-delay"},
      "unknown log opt \"", "\" for gelf log driver");
  Options options;
  read_address(settings, options);
  read_compression(settings, options);
  check_reconnect(settings, options);
  return options;
}

} // namespace gantry::log_gelf
