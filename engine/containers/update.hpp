#pragma once

#include "containers/parts.hpp"

namespace gantry::containers {

/// After a restart of the engine: an update that it did not finish left a live container with limits of which nobody knows
/// whether they are the old or the new ones; they become the stored ones. Mounts that it was to add are gone, those that it was
/// to remove are too. False when that cannot be done now. The caller holds the entry's mutex, or is alone. Blocks.
bool settle_update(Parts&, Entry&);
/// There is something to settle.
bool is_unsettled(const Parts&, const Entry&);
/// Tries it again and again, with longer and longer pauses.
Task<void> settle_later(PartsPtr parts, EntryPtr entry);

} // namespace gantry::containers
