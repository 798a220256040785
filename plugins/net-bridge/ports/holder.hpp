#pragma once

#include <vector>

#include <gantry/sdk/fd.hpp>
#include <gantry/sdk/network.hpp>

namespace gantry::net_bridge {

/// Keeps programs of the host from a published port, and finds out whether one has it: a socket that is bound and never used.
class PortHolder {
 public:
  /// The socket, or -1 and errno in `error` (EADDRINUSE, EADDRNOTAVAIL). A protocol that the host's kernel does not have gives
  /// no socket and no error: nobody can be in the way.
  UniqueFd hold(const Port& port, int& error) const;
  bool holds_one_of(const UniqueFd& fd, const std::vector<Port>& ports) const;
};

} // namespace gantry::net_bridge
