#pragma once

#include <string>
#include <vector>

namespace gantry::net_bridge {

struct FirewallSubnet {
  std::string subnet; ///< CIDR
  bool masquerade = true;
  std::string source; ///< address to go out with; empty: that of the interface
  bool open = false;  ///< also reached by the containers' own addresses
};

struct FirewallNetwork {
  std::string bridge;
  bool internal = false;
  std::vector<FirewallSubnet> subnets;
};

/// The table as nft(8) takes it: makes what is missing and sets what the networks decide. Ports and the user's chain are left
/// as they are.
std::string ruleset(const std::string& table, const std::vector<FirewallNetwork>& networks, bool drop_strays);

} // namespace gantry::net_bridge
