#pragma once

#include "containers/parts.hpp"

namespace gantry::containers {

/// Does what the container asked for ("OnUnhealthy") beside the caller, unless it has been stopped, paused or restarted since
/// `health_round` began or is about to.
void act_on_unhealthy(const PartsPtr& parts, const EntryPtr& entry, std::uint64_t health_round);

} // namespace gantry::containers
