#pragma once

#include "plan/launch_plan.hpp"

// What runs between clone and exec, as the container's future pid 1 or as an exec. Every failure ends in report.hpp.
namespace gantry::runtime_linux::init {

/// Descriptors that the shim made before clone; all close-on-exec.
struct Inherited {
  int report = -1;                 ///< socket to the shim
  int in = -1, out = -1, err = -1; ///< the program's ends of its pipes; unused with a terminal
  int container = -1;              ///< exec: pidfd of the container's init
  bool cgroup_v2_joined = false;   ///< clone placed us there
};

[[noreturn]] void run_container(const PlanView& plan, const Inherited& inherited);

/// `container`: the plan of the container, whose cgroups, namespaces and seccomp filter hold for its execs too.
[[noreturn]] void run_exec(const PlanView& plan, const PlanView& container, const Inherited& inherited);

} // namespace gantry::runtime_linux::init
