#pragma once

#include "plan/launch_plan.hpp"

namespace gantry::runtime_linux::init {

/// A detached mount of a new filesystem instance; -1: this kernel or this option needs classic mount(2).
int make_filesystem(const PlanView& plan, const PlanMount& mount);

/// mount(2) of a filesystem at the descriptor `target`.
void mount_classically(const PlanView& plan, const PlanMount& mount, int target);

} // namespace gantry::runtime_linux::init
