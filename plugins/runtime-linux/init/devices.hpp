#pragma once

#include "plan/launch_plan.hpp"

namespace gantry::runtime_linux::init {

/// False when the user mounted a directory of the host at /dev.
bool needs_devices(const PlanView& plan);

/// Device nodes of the plan and the links that programs expect in /dev.
void make_devices(const PlanView& plan, int root);

} // namespace gantry::runtime_linux::init
