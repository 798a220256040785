#pragma once

#include "containers/parts.hpp"

namespace gantry::containers {

/// Who stops. Only a stop by a user, or by the container's own wish to be stopped when it is unhealthy, is remembered by restart
/// policies; after `for_restart` (of an unhealthy container) it is started again, as by its restart policy.
enum class StopKind { by_user, for_shutdown, for_restart, unhealthy };

/// Signal, grace period, SIGKILL; returns when the exit has been recorded. The mutex is not held meanwhile.
Task<Changed> stop_entry(PartsPtr parts, EntryPtr entry, StopOptions options, StopKind kind);

} // namespace gantry::containers
