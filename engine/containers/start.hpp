#pragma once

#include "containers/parts.hpp"

namespace gantry::containers {

enum class StartKind { by_user, by_restart_policy };

/// Starts a container whose mutex the caller holds and whose phase allows it. On failure everything is undone, the phase is
/// what it was, the error is kept in the container and thrown; a container with AutoRemove is then removed.
Task<void> start_locked(PartsPtr parts, EntryPtr entry, StartKind kind);

} // namespace gantry::containers
