#pragma once

#include <deque>
#include <optional>
#include <string>
#include <vector>

#include <gantry/sdk/network.hpp>

#include "net-common/ip_address.hpp"

namespace gantry::net_bridge {

/// Where published ports lead to.
struct PublishedTarget {
  std::vector<net::IpAddress> addresses; ///< of the container
  bool routed4 = false, routed6 = false; ///< reached by its own address only
};

/// How a host port gets to the container: by the kernel alone, or through gantry-relay, or both, or not at all.
struct Way {
  struct Relayed {
    net::IpAddress host;             ///< where it takes connections
    const net::IpAddress* container; ///< of the target
  };
  const net::IpAddress* direct = nullptr; ///< of the target
  std::optional<Relayed> relayed;
};

/// The kernel has no way from IPv6 to IPv4, and none for answers to the IPv6 loopback. `target` outlives what is returned.
Way way_to(const PublishedTarget& target, const Port& port);

/// The same for many ports: looked at once for each host address and protocol.
class Ways {
 public:
  explicit Ways(const PublishedTarget& target) : target_(target) {}
  const Way& to(const Port& port);

 private:
  struct Known {
    std::string protocol, host_ip;
    Way way;
  };
  const PublishedTarget& target_;
  std::deque<Known> known_; ///< few
};

/// 0.0.0.0 or ::
bool is_any(const net::IpAddress&);

} // namespace gantry::net_bridge
