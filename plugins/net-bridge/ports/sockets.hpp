#pragma once

#include <bitset>
#include <map>
#include <string>

#include <gantry/sdk/network.hpp>

namespace gantry::net_bridge {

/// At which ports the host has sockets at all, asked of the kernel at once for each protocol: where many ports are published
/// only those are tried that may be taken.
class SocketPorts {
 public:
  /// False where there is certainly no socket, of whatever address.
  bool maybe_taken(const Port&);

 private:
  using Ports = std::bitset<65536>;
  /// All of them where the kernel does not tell.
  static Ports ask(unsigned char protocol);

  std::map<std::string, Ports> ports_; ///< by protocol
};

} // namespace gantry::net_bridge
