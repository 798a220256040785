#pragma once

#include <string>

#include "networks/endpoint.hpp"
#include "networks/network.hpp"

namespace gantry::networks {

/// invalid, with all that is wrong, for settings that an endpoint of this network can never have. `network` is null where it is
/// not known yet; `name` is what the user calls it.
void check_endpoint(const Network* network, const std::string& name, const EndpointSettings& settings);

/// "02:42:AC:11:00:02" in lower case; invalid when it is not six bytes, or a group address.
std::string checked_mac(const std::string& text);

} // namespace gantry::networks
