#pragma once

#include <cstdint>
#include <string>

#include <gantry/sdk/network.hpp>

#include "firewall/egress.hpp"

namespace gantry::net_bridge {

/// How packets come in and go out: Docker's gateway modes.
enum class GatewayMode {
  nat,             ///< out with the host's address; in by published ports only
  nat_unprotected, ///< in also by the containers' own addresses
  routed,          ///< no translation; published ports are open on the containers' addresses
  isolated,        ///< the bridge has no address of the host
};

/// A network's options, Docker's keys.
struct NetworkOptions {
  std::string bridge; ///< empty: made up
  bool masquerade = true, icc = true;
  std::string host_binding = "0.0.0.0";
  std::string host_ipv4, host_ipv6; ///< what containers' addresses become outside; empty: the interface's
  std::uint32_t mtu = 0;            ///< 0: the kernel's
  GatewayMode mode4 = GatewayMode::nat, mode6 = GatewayMode::nat;
  bool inhibit_ipv4 = false;
  std::string container_prefix = "eth";
  EgressPolicy egress;
};

/// invalid for a bad value, and for an option of com.docker.network.bridge that does not exist.
NetworkOptions parse_options(const Options&, bool internal);

} // namespace gantry::net_bridge
