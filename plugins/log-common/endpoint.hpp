#pragma once

#include <optional>
#include <string>

namespace gantry::log_common {

/// Where lines go: "tcp" with host and port, "udp" with both, or "unix" (a stream) and "unixgram" with a path.
struct Endpoint {
  std::string protocol;
  std::string host, port;
  std::string path;
  std::string text() const;
};

/// "proto://rest", absent when it has no such form.
struct Url {
  std::string scheme;
  std::string host; ///< without brackets
  std::string port;
  std::string path;
};
/// invalid with Go's sentence for a port that is no number.
std::optional<Url> parse_url(const std::string& text);

} // namespace gantry::log_common
