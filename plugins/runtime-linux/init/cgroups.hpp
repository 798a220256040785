#pragma once

#include "plan/launch_plan.hpp"

namespace gantry::runtime_linux::init {

/// Moves the calling process into the plan's cgroups.
void join_cgroups(const PlanView& plan, bool v2_joined);

} // namespace gantry::runtime_linux::init
