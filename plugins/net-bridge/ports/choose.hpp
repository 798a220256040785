#pragma once

#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

#include "net-common/ip_address.hpp"
#include "ports/holder.hpp"

namespace gantry::net_bridge {

/// Host ports that endpoints of this instance have.
class PortTable {
 public:
  void add(const std::vector<Port>& ports);
  void add(const Port& port);
  /// The same protocol, port and family, and one of the addresses is the other or stands for all.
  bool conflicts(const Port& port) const;

 private:
  std::unordered_map<std::uint32_t, std::vector<std::string>> addresses_; ///< by protocol, family and port
};

/// invalid for a port that cannot be published for a container with these addresses.
void check_ports(const std::vector<Port>& ports, const std::vector<net::IpAddress>& addresses);

/// Host ports for all of `wanted`, in their order. Those of `before` that are wanted again stay. `held` gets the sockets of the
/// others. already_exists with Docker's words for one that is taken.
std::vector<Port> choose_ports(const std::vector<Port>& wanted, const std::vector<Port>& before, PortTable& taken,
                               const PortHolder& holder, std::vector<UniqueFd>& held);

} // namespace gantry::net_bridge
