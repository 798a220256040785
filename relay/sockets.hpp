#pragma once

#include <cstdint>

#include <gantry/sdk/fd.hpp>

namespace gantry::relay {

/// Everything that needs privileges, made before they are given up.
struct Sockets {
  UniqueFd tcp;           ///< gets connections to whatever address and port nftables sends here (tproxy, or redirect)
  UniqueFd udp;           ///< the same for datagrams (tproxy), at [::1]
  UniqueFd answers;       ///< sends UDP from any port; receives nothing
  std::uint16_t port = 0; ///< of both
};

/// Throws std::system_error: on a host without IPv6, among others.
Sockets open_sockets();

/// Nobody's rights, and none to be had again.
void drop_privileges();

} // namespace gantry::relay
