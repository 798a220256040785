#pragma once

#include "plan/launch_plan.hpp"

namespace gantry::runtime_linux::init {

/// The last steps, inside the container's root: user, limits, privileges, working directory, program.
[[noreturn]] void launch(const PlanView& plan, const PlanView& container);

} // namespace gantry::runtime_linux::init
