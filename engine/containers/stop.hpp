#pragma once

#include "containers/parts.hpp"

namespace gantry::containers {

/// Whether a stop counts as the user's wish that restart policies remember; `for_restart`: the container is started again
/// after it, as by its restart policy.
enum class StopKind { by_user, for_shutdown, for_restart };

/// Signal, grace period, SIGKILL; returns when the exit has been recorded. The mutex is not held meanwhile.
Task<Changed> stop_entry(PartsPtr parts, EntryPtr entry, StopOptions options, StopKind kind);

} // namespace gantry::containers
