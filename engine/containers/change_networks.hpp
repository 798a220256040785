#pragma once

#include "base/rollback.hpp"
#include "containers/network_changes.hpp"
#include "containers/parts.hpp"

namespace gantry::containers {

/// `container` as an update makes it: what it is to publish and may reach. invalid or forbidden where that cannot be.
void merge_network_changes(Parts&, Container&, const NetworkChanges&);

/// Makes what is merged true for a running container: `after.ports` becomes what is published. Undone by `undo`. Blocks.
void apply_network_changes(Parts&, const Container& before, Container& after, const NetworkChanges&, Rollback& undo);

/// The container's own policy is one that its networks can keep; written in the one way that drivers know. invalid.
void settle_container_egress(HostConfig&);

} // namespace gantry::containers
