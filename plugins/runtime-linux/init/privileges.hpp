#pragma once

#include "init/identity.hpp"
#include "plan/launch_plan.hpp"

namespace gantry::runtime_linux::init {

void set_rlimits(const PlanView& plan);

/// Hard limits above the present ones, while the host's CAP_SYS_RESOURCE is there: a user namespace's does not count.
void raise_hard_limits(const PlanView& plan);

/// Bounding set first, then ids, then the other four sets.
void take_identity(const PlanProcess& process, const Identity& identity);

void install_seccomp(const PlanView& plan);

/// AppArmor profile and SELinux label of the next exec.
void set_exec_labels(const PlanView& plan);

} // namespace gantry::runtime_linux::init
