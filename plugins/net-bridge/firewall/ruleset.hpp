#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "firewall/egress.hpp"

namespace gantry::net_bridge {

struct FirewallSubnet {
  std::string subnet; ///< CIDR
  bool masquerade = true;
  std::string source; ///< address to go out with; empty: that of the interface
  bool open = false;  ///< also reached by the containers' own addresses
  bool operator==(const FirewallSubnet&) const = default;
};

struct FirewallNetwork {
  std::string bridge;
  bool internal = false;
  std::vector<FirewallSubnet> subnets;
  EgressPolicy egress;
  bool operator==(const FirewallNetwork&) const = default;
};

/// A container with a policy of its own.
struct FirewallEndpoint {
  std::string bridge, port, mac; ///< `port`: the interface that is the bridge's
  EgressPolicy egress;
  bool operator==(const FirewallEndpoint&) const = default;
};

struct FirewallRules {
  std::vector<FirewallNetwork> networks;
  std::vector<FirewallEndpoint> endpoints;
  bool drop_strays = false;
  /// Published ports are open to whom the host's own input rules let in: the first packet of a sender goes where it would go
  /// without us, and is looked at again behind the host's rules.
  bool respect_host = false;
  /// False while the engine has yet to say what lives: policies that an earlier one has set go on until then.
  bool all_known = false;
  /// Where gantry-relay takes what goes to ports that it serves; 0: it does not run.
  std::uint16_t relay_port = 0;
  bool bridges_call_us = false; ///< br_netfilter: packets of bridges pass the hooks of IPv6 while they are the bridge's
};

/// The table as nft(8) takes it: makes what is missing and sets what the networks decide. Ports and the user's chain are left
/// as they are.
std::string ruleset(const std::string& table, const FirewallRules&);
/// The part of it that depends on gantry-relay.
std::string relay_ruleset(const std::string& table, const FirewallRules&);

} // namespace gantry::net_bridge
