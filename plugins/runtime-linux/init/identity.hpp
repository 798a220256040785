#pragma once

#include <sys/types.h>

#include "plan/launch_plan.hpp"

namespace gantry::runtime_linux::init {

inline constexpr int max_groups = 1024;

struct Identity {
  uid_t uid = 0;
  gid_t gid = 0;
  gid_t groups[max_groups];
  int group_count = 0;
  char home[1024] = "/"; ///< of the passwd entry, else "/"
};

/// Docker's USER syntax, resolved with the container's own /etc/passwd and /etc/group.
void resolve_identity(const PlanView& plan, Identity& identity);

} // namespace gantry::runtime_linux::init
