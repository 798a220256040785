#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <tuple>

#include "ports/way.hpp"

namespace gantry::net_bridge {

/// Where gantry-relay takes connections: protocol, IPv6 address of the host, first port.
using RelayPlace = std::tuple<std::string, std::string, std::uint16_t>;

/// Where those lead, and those to the next ports.
struct RelayTarget {
  unsigned count = 1;
  std::string address; ///< the container's
  std::uint16_t port = 0;
  bool operator==(const RelayTarget&) const = default;
};

using RelayRoutes = std::map<RelayPlace, RelayTarget>;

/// What of a container's ports the kernel cannot do.
RelayRoutes relay_routes_of(const PublishedTarget&, const std::vector<Port>&);

} // namespace gantry::net_bridge
