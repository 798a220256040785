#pragma once

#include "net-common/ip_address.hpp"
#include "net-common/message.hpp"

namespace gantry::net {

/// Requests for a link's addresses and routes. IPv6 addresses are used at once: nobody else can have them.
Message add_address(int index, const IpAddress&);
/// The default route of the gateway's family.
Message add_default_route(int index, const IpAddress& gateway);
Message delete_default_route(int index, int family);

} // namespace gantry::net
