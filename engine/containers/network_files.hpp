#pragma once

#include <string>

#include "containers/container_service.hpp"
#include "containers/model.hpp"

namespace gantry::containers {

/// Writes hosts, hostname and resolv.conf of a container into its directory; they are bound over /etc/… in it.
void write_network_files(const Container&, const std::string& directory, const Defaults&);

} // namespace gantry::containers
