#pragma once

#include <optional>
#include <string>
#include <vector>

#include <gantry/sdk/network.hpp>

namespace gantry::net_bridge {

/// What may be reached: everything, or what is listed. Text as nft(8) takes it behind the match of who sends.
struct EgressPolicy {
  bool restricted = false;
  std::vector<std::string> allowed; ///< "ip daddr 10.0.0.0/8 tcp dport 443"
  bool operator==(const EgressPolicy&) const = default;
};

/// From the option io.gantry.egress: destinations as the engine writes them ("10.0.0.0/8:443/tcp", "[fd00::/8]/icmp"), "none"
/// for none; without the option everything. invalid.
EgressPolicy read_egress(const Options&);

} // namespace gantry::net_bridge
