#pragma once

#include <vector>

#include <gantry/sdk/network.hpp>

namespace gantry::net_bridge {

/// A UDP flow that goes on keeps the way it took first: those to host ports that are published now, or were, are forgotten.
void forget_flows(const std::vector<Port>& before, const std::vector<Port>& after);

} // namespace gantry::net_bridge
