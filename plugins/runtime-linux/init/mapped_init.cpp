#include <fcntl.h>
#include <linux/sched.h>
#include <sched.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <cerrno>

#include "init/id_maps.hpp"
#include "init/init.hpp"
#include "init/mapped_trees.hpp"
#include "init/namespaces.hpp"
#include "init/privileges.hpp"
#include "init/process_reset.hpp"
#include "init/report.hpp"

namespace gantry::runtime_linux::init {
void create_mapped(const PlanView& plan, Inherited inherited, volatile int* pid) {
  set_report_socket(inherited.report);
  close_inherited(inherited);
  write_process_attributes(plan.head().process);
  raise_hard_limits(plan);
  isolate_mounts(plan);
  const int mapping = open_id_mapping(plan);
  prepare_trees(plan, mapping);
  ::close(mapping);
  const char* v2 = plan.string(plan->cgroup_v2);
  const int cgroup = *v2 ? ::open(v2, O_PATH | O_DIRECTORY | O_CLOEXEC) : -1;
  join_namespaces(plan, true);

  inherited.mapped = true;
  inherited.cgroup_v2_joined = cgroup >= 0;
  clone_args args{};
  // A sibling: the shim is to be the parent. Its exit signal is this process's.
  args.flags = CLONE_PARENT | (plan->namespaces & cloned_namespaces) | (cgroup >= 0 ? CLONE_INTO_CGROUP : 0);
  args.cgroup = static_cast<std::uint64_t>(cgroup);
  const long child = ::syscall(SYS_clone3, &args, sizeof args);
  if (child < 0) fail(errno, "clone the container's init");
  if (child == 0) run_container(plan, inherited);
  *pid = static_cast<int>(child);
  ::_exit(0);
}

} // namespace gantry::runtime_linux::init
