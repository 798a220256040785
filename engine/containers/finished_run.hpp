#pragma once

#include "containers/parts.hpp"

namespace gantry::containers {

/// What is remembered of the run that has just ended. Asks the runtime for the memory of one that failed, so it comes before
/// the process is freed. Blocks.
Run finished_run(Parts&, const Container&, const RuntimeExit&);
/// Of a process that vanished without a trace.
Run lost_run(const Container&);

} // namespace gantry::containers
