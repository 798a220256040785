#pragma once

#include "plan/launch_plan.hpp"

namespace gantry::runtime_linux::init {

/// Joins namespaces given by path unless that has been done, waits for the id maps of a new user namespace, makes the cgroup
/// namespace (which must come after joining the cgroups) and brings the loopback of a new network namespace up.
void enter_namespaces(const PlanView& plan, bool joined);

/// The namespaces given by path, the user namespace last: it takes away what the others need. `pid`: also the pid namespace,
/// for the next child.
void join_namespaces(const PlanView& plan, bool pid);

/// Has the container a user namespace, of its own or of another one?
bool in_user_namespace(const PlanView& plan);

/// uid and gid 0 of the user namespace just entered.
void become_namespace_root();

void set_host_names(const PlanView& plan);

/// From here on no mount reaches the host's namespace.
void isolate_mounts(const PlanView& plan);

/// oom_score_adj: while /proc is still the host's.
void write_process_attributes(const PlanProcess& process);

} // namespace gantry::runtime_linux::init
