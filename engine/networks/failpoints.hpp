#pragma once

#include <array>

#include "base/failpoint.hpp"

namespace gantry::networks {

/// Names of the points between the steps of what happens to networks and to containers in them; "start.", "exit." and the others
/// of a container's own life are in containers/failpoints.hpp. Tests iterate over them.
inline constexpr std::array failpoints = {
    "network.create.after_driver", "network.create.after_row", "network.remove.after_driver", "network.remove.after_row",
    "start.after_reserve",         "connect.after_reserve",    "connect.after_join",          "connect.after_store",
    "disconnect.after_leave",      "disconnect.after_store",   "update.after_network",        "update.after_ports",
};

} // namespace gantry::networks
