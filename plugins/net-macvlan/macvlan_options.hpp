#pragma once

#include <cstdint>
#include <string>

#include <gantry/sdk/network.hpp>

namespace gantry::net_macvlan {

/// A network's options, Docker's keys.
struct MacvlanOptions {
  std::string parent;     ///< interface of the host; empty: one that leads nowhere is made
  std::uint32_t mode = 0; ///< MACVLAN_MODE_*
  std::uint32_t mtu = 0;  ///< 0: the parent's
  std::string vlan_of;    ///< "eth0" of the parent "eth0.10"; empty: no VLAN
  std::uint16_t vlan = 0;
};

/// invalid for a bad value or an option that does not exist.
MacvlanOptions parse_options(const Options&, bool internal);

} // namespace gantry::net_macvlan
