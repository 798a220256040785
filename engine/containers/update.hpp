#pragma once

#include "containers/parts.hpp"

namespace gantry::containers {

/// After a restart of the engine: an update that it did not finish left a live container with limits of which nobody knows
/// whether they are the old or the new ones; they become the stored ones. Blocks.
void settle_update(Parts&, const Container&);

} // namespace gantry::containers
