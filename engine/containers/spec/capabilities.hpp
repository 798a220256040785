#pragma once

#include <string>
#include <vector>

#include "containers/spec.hpp"

namespace gantry::containers {

/// "CAP_…" names that a container's process gets: Docker's default 14, with CapAdd and CapDrop applied; all that the
/// daemon has when privileged. invalid with Docker's text for an unknown name.
std::vector<std::string> container_capabilities(const HostConfig&, const SpecContext&);

} // namespace gantry::containers
