#pragma once

#include <string>
#include <vector>

#include "containers/parts.hpp"

namespace gantry::containers {

/// The networks of a new container: that of its NetworkMode and those of `endpoints` (EndpointsConfig of the request, or
/// null), by name. Fills in the mode that Docker shows when none was given. invalid for what cannot be combined.
std::vector<networks::Attachment> choose_networks(const Parts&, Container&, const Json& endpoints);

/// The attachment to the network of that name or id, or null.
const networks::Attachment* find_attachment(const Container&, const std::string& network);

/// Whether a NetworkMode is a network that containers are told apart in: neither the host's nor another container's.
bool has_own_network(const std::string& mode);

} // namespace gantry::containers
