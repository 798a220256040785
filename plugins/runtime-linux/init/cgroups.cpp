#include "init/cgroups.hpp"

#include <fcntl.h>
#include <unistd.h>
#include <cerrno>
#include <climits>
#include <cstdio>

#include "init/report.hpp"

namespace gantry::runtime_linux::init {
namespace {

void join(const char* directory, const char* file) {
  char path[PATH_MAX];
  std::snprintf(path, sizeof path, "%s/%s", directory, file);
  const int fd = ::open(path, O_WRONLY | O_CLOEXEC);
  if (fd < 0) fail(errno, "open cgroup %s", path);
  if (::write(fd, "0", 1) != 1) fail(errno, "join cgroup %s", directory);
  ::close(fd);
}

} // namespace

void join_cgroups(const PlanView& plan, bool v2_joined) {
  // "0" into `tasks` moves the calling thread without the write side of cgroup_threadgroup_rwsem, whose RCU grace
  // period costs milliseconds when `cgroup.procs` is used (kernel/cgroup/cgroup.c, cgroup_procs_write_start).
  for (const Slice directory : plan.strings(plan->cgroup_v1)) join(plan.string(directory), "tasks");
  const char* v2 = plan.string(plan->cgroup_v2);
  if (*v2 && !v2_joined) join(v2, "cgroup.procs");
}

} // namespace gantry::runtime_linux::init
