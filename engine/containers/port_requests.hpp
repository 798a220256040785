#pragma once

#include <vector>

#include <gantry/sdk/network.hpp>

#include "containers/model.hpp"

namespace gantry::containers {

/// What a container wants published, one entry per container port and host address, ordered by protocol and port.
/// `ipv4`, `ipv6`: the families that it has addresses of. `default_binding`: for ports without a host address.
/// invalid for a binding that cannot be.
std::vector<Port> port_requests(const Container&, const std::string& default_binding, bool ipv4, bool ipv6);

/// "80/tcp", "80-82/udp" and "80" in parts; invalid with Docker's text.
struct PortSpec {
  std::uint16_t first = 0, last = 0;
  std::string protocol = "tcp";
};
PortSpec parse_port_spec(const std::string& text);

} // namespace gantry::containers
