#pragma once

#include <sched.h>

#include "plan/launch_plan.hpp"

// What runs between clone and exec, as the container's future pid 1 or as an exec. Every failure ends in report.hpp.
namespace gantry::runtime_linux::init {

/// Namespaces that come into being with init; the cgroup namespace comes later, when the cgroups have been joined.
inline constexpr std::uint64_t cloned_namespaces =
    CLONE_NEWNS | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNET;

/// Descriptors that the shim made before clone; all close-on-exec.
struct Inherited {
  int report = -1;                 ///< socket to the shim
  int in = -1, out = -1, err = -1; ///< the program's ends of its pipes; unused with a terminal
  int container = -1;              ///< exec: pidfd of the container's init
  bool cgroup_v2_joined = false;   ///< clone placed us there
  bool mapped = false;             ///< born of create_mapped: what lies outside of its ids is open
};

/// For a container whose ids are other ones on the host: opens what init will need with the host's rights, then makes init
/// in the container's namespaces as a sibling and leaves its pid in `pid`, which is shared with the shim.
[[noreturn]] void create_mapped(const PlanView& plan, Inherited inherited, volatile int* pid);

[[noreturn]] void run_container(const PlanView& plan, const Inherited& inherited);

/// `container`: the plan of the container, whose cgroups, namespaces and seccomp filter hold for its execs too.
[[noreturn]] void run_exec(const PlanView& plan, const PlanView& container, const Inherited& inherited);

} // namespace gantry::runtime_linux::init
