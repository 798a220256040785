#pragma once

#include "plan/launch_plan.hpp"

// What a container with ids of its own cannot open itself: its root would be an ordinary user of the host on the way there.
// A process with the host's rights makes these mounts, detached, and init inherits their descriptors.
namespace gantry::runtime_linux::init {

/// Makes the root filesystem, binds and device nodes; `mapping` is a user namespace with the container's id maps.
void prepare_trees(const PlanView& plan, int mapping);

/// What prepare_trees made, or -1 when it was not called or made none. The caller closes it.
int take_root_tree(std::uint32_t index);
int take_mount_tree(std::uint32_t index);
int take_device_tree(std::uint32_t index);

} // namespace gantry::runtime_linux::init
