#pragma once

#include "networks/network_service.hpp"

namespace gantry::networks {

/// What the driver is told of an endpoint.
EndpointCreate endpoint_request(const Owner&, const Attachment&);
/// forbidden when the owner has a policy of what it may reach and the network's driver would not keep it.
void check_egress(const Network&, const Owner&);

} // namespace gantry::networks
