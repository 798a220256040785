#pragma once

#include <string>

#include <gantry/sdk/runtime.hpp>

namespace gantry::containers {

/// Writes what a container that does not run has logged to a client, in the frames it expects. Blocks while the client reads;
/// gives up on one that has not read for ten seconds, or has gone.
void replay_log(const std::string& path, const RuntimeAttach& client);

} // namespace gantry::containers
