#pragma once

#include <gantry/sdk/fd.hpp>

#include "containers/parts.hpp"

namespace gantry::containers {

/// Watches a running container until it ends, then records the exit, wakes waiters and follows its restart policy.
void watch_exit(PartsPtr parts, EntryPtr entry, UniqueFd exit_fd);

enum class AfterExit { nothing, restart };

/// Records the exit of a container whose mutex the caller holds; removes it when it asked for that. Blocks.
/// Does nothing when the exit is already recorded.
AfterExit record_exit(Parts&, Entry&);

/// Waits for the back-off and starts the container again, unless somebody stops or removes it meanwhile.
Task<void> restart_later(PartsPtr parts, EntryPtr entry);

/// Ends a container's waiting for its next run for good; removes it when it asked for that. Blocks; the caller holds its mutex.
void end_restart(Parts&, Entry&);

} // namespace gantry::containers
