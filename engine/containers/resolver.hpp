#pragma once

#include <string>
#include <vector>

#include "containers/container_service.hpp"
#include "containers/model.hpp"

namespace gantry::containers {

/// How a container resolves names: its own settings, or else the daemon's, or else the host's.
struct Resolver {
  std::vector<std::string> servers, search, options;
  bool host_servers = false; ///< `servers` are those of the host's own file
  bool ndots = false;        ///< `options` say ndots
};
Resolver resolver_of(const HostConfig&, const Defaults&);

/// A container of a user-defined network asks gantry-dns.
bool has_dns(const Container&);

/// "127.0.0.53", "::1": reached from the host only.
bool is_loopback(const std::string& address);

} // namespace gantry::containers
