#pragma once

#include <string>

#include "containers/container_service.hpp"
#include "containers/model.hpp"

namespace gantry::containers {

/// What /etc/hosts of a container says of others.
struct HostNames {
  std::string host_gateway; ///< what "host-gateway" means in ExtraHosts
  StringList links;         ///< lines of legacy links
};

/// Writes hosts, hostname and resolv.conf of a container into its directory; they are bound over /etc/… in it.
void write_network_files(const Container&, const std::string& directory, const Defaults&, const HostNames& = {});

/// The same files when the networks of a running container have changed: everything else in them stays.
void update_network_files(const Container& before, const Container& after, const std::string& directory, const Defaults&);

} // namespace gantry::containers
