#pragma once

#include "containers/parts.hpp"

namespace gantry::containers {

/// After a restart of the engine: an update that it did not finish left a live container with limits of which nobody knows
/// whether they are the old or the new ones; they become the stored ones. Mounts that it was to add are gone, those that it was
/// to remove are too. Blocks.
void settle_update(Parts&, Entry&);

} // namespace gantry::containers
