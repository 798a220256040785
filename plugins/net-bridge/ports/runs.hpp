#pragma once

#include <vector>

#include <gantry/sdk/network.hpp>

namespace gantry::net_bridge {

/// Neighbours: `count` ports from `first` on, which all have the same number outside as inside.
struct PortRun {
  Port first;
  unsigned count = 1;
};

std::vector<PortRun> runs_of(const std::vector<Port>& ports);

} // namespace gantry::net_bridge
