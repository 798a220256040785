#pragma once

#include "plan/launch_plan.hpp"

namespace gantry::runtime_linux::init {

/// A new terminal of the container's devpts; its master goes to the shim. Returns the terminal's own end. `console`: it
/// also becomes /dev/console.
int open_terminal(const PlanProcess& process, bool console);

/// Makes it the controlling terminal and stdio, with its size set.
void use_terminal(const PlanStdio& stdio, int terminal);

} // namespace gantry::runtime_linux::init
