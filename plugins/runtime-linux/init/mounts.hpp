#pragma once

#include "plan/launch_plan.hpp"

namespace gantry::runtime_linux::init {

/// A detached mount of `mount` (a filesystem or a bind), attributes applied. Exits with a sentence on failure.
int make_detached(const PlanView& plan, const PlanMount& mount);

/// The root filesystem's mounts, in order, at the staging directory. Returns a descriptor of the root.
int assemble_root(const PlanView& plan);

/// Performs plan->mounts[first, last) below `root`.
void perform_mounts(const PlanView& plan, int root, std::uint32_t first, std::uint32_t last);

/// Number of leading mounts that need nothing of the host but what its other containers have: they are made before start.
std::uint32_t independent_mounts(const PlanView& plan);

/// Attaches a detached mount to the file or directory `target`; `path` is what a failure calls it.
void move_onto(int mount, int target, const char* path);

/// Attaches a detached mount at `path`, which is made when missing.
void attach_mount(int mount, int root, const char* path, bool directory);

} // namespace gantry::runtime_linux::init
