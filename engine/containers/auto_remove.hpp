#pragma once

#include "containers/parts.hpp"

namespace gantry::containers {

/// A container with AutoRemove ended while no daemon ran. It stays for a moment, so that a client that comes back can still ask
/// for its exit code, and goes then, or as soon as somebody waits for its removal or wants its name.
void hold_removal(const PartsPtr& parts, const EntryPtr& entry);

/// Removes a held container that has this name now; others are left alone.
Task<void> free_held_name(PartsPtr parts, std::string name);

} // namespace gantry::containers
