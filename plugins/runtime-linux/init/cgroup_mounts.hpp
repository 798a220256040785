#pragma once

#include "plan/launch_plan.hpp"

namespace gantry::runtime_linux::init {

/// The spec's mount of type "cgroup": cgroup2 where that is all there is, else a tmpfs with one v1 hierarchy per
/// directory, as seen from the container's cgroup namespace.
void mount_cgroups(const PlanView& plan, const PlanMount& mount, int root);

} // namespace gantry::runtime_linux::init
