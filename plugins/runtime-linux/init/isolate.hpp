#pragma once

#include "plan/launch_plan.hpp"

// After pivot_root: hides and locks what the kernel shows of the host.
namespace gantry::runtime_linux::init {

void apply_sysctls(const PlanView& plan, int root);
void make_paths_readonly(const PlanView& plan, int root);
void mask_paths(const PlanView& plan, int root);
void make_root_readonly();

} // namespace gantry::runtime_linux::init
