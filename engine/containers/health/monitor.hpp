#pragma once

#include "containers/parts.hpp"

namespace gantry::containers {

/// Watches the health of a running container from now on, if it has a check: one coroutine with one timer. The caller holds
/// the container's mutex. Entry::end_health_round ends it.
void watch_health(const PartsPtr& parts, const EntryPtr& entry);

} // namespace gantry::containers
