#pragma once

#include <string>

#include "macvlan_options.hpp"
#include "net-common/socket.hpp"

namespace gantry::net_macvlan {

/// The interface that a network's containers share; made where that is asked for (a VLAN, or no parent at all). `own_name`: for
/// one that leads nowhere; `alias`: marks what we made. Returns its name. invalid when the parent does not exist.
std::string ensure_parent(net::Socket&, const MacvlanOptions&, const std::string& own_name, const std::string& alias);

} // namespace gantry::net_macvlan
