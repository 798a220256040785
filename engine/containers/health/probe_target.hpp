#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace gantry::containers {

/// What the engine itself checks in a container's network: that something listens, or what it answers to GET.
struct ProbeTarget {
  enum class Kind : std::uint8_t { tcp, http } kind = Kind::tcp;
  std::vector<std::string> addresses; ///< literal, tried in order
  std::uint16_t port = 0;
  std::string path; ///< http: "/healthz?full=1"
  std::string url;  ///< as it was given, for messages
};

/// "tcp://[HOST]:PORT" or "http://[HOST][:PORT][/PATH]". HOST is a literal address, "[…]" around an IPv6 one, or "localhost",
/// which is also what an empty one means: names would have to be resolved by the container. invalid otherwise.
ProbeTarget parse_probe_target(const std::string& url);

} // namespace gantry::containers
