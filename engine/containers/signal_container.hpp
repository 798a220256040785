#pragma once

#include "containers/parts.hpp"

namespace gantry::containers {

/// Sends a signal to a running container whose mutex the caller holds, waking it up when it is paused and about to be ended,
/// and publishes the `kill` event. A process that is gone already is fine. Blocks.
void signal_container(Parts&, Entry&, int signal, bool unpause = true);

/// Remembers who is about to end it, for `explain`; with `manually` also that it was the user, for restart policies. Blocks.
void mark_end(Parts&, Entry&, EndRequest request, bool manually);

/// Until a process that got SIGKILL has been seen to exit; deadline_exceeded after ten seconds.
Task<void> wait_for_death(OutcomePtr exit, std::string id);

} // namespace gantry::containers
