#pragma once

#include "base/json.hpp"
#include "networks/network.hpp"

namespace gantry::networks {

/// The whole object for state.db.
Json to_json(const Network&);
Network network_from_json(const Json&);

} // namespace gantry::networks
