#pragma once

#include "plan/launch_plan.hpp"

// OCI hooks that run in the container's namespaces. Those of the host's are run by the driver.
namespace gantry::runtime_linux::init {

/// Remembers this process's pid as the host's /proc has it; before pivot_root.
void note_host_pid();

/// Runs each with the container's state on its stdin and waits for it. A failure ends init.
void run_hooks(const PlanView& plan, Slice hooks, const char* stage);

} // namespace gantry::runtime_linux::init
