#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "containers/spec.hpp"

namespace gantry::containers {

/// Every capability by its number, capabilities(7).
std::span<const std::string_view> capability_names();

/// "CAP_…" names that a container's process gets: Docker's default 14, with CapAdd and CapDrop applied; all that the
/// daemon has when privileged. invalid with Docker's text for an unknown name.
std::vector<std::string> container_capabilities(const HostConfig&, const SpecContext&);

} // namespace gantry::containers
