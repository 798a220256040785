#pragma once

#include <vector>

#include "networks/address.hpp"

namespace gantry::networks {

/// Where the host sends packets to other than by its default route: subnets that a new network must not hide.
std::vector<Prefix> host_routes();

} // namespace gantry::networks
