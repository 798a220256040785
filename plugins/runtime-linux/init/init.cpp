#include "init/init.hpp"

#include <fcntl.h>
#include <linux/keyctl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <cerrno>
#include <cstring>

#include "init/cgroups.hpp"
#include "init/devices.hpp"
#include "init/hooks.hpp"
#include "init/isolate.hpp"
#include "init/launch.hpp"
#include "init/mounts.hpp"
#include "init/namespaces.hpp"
#include "init/privileges.hpp"
#include "init/process_reset.hpp"
#include "init/report.hpp"
#include "init/terminal.hpp"

namespace gantry::runtime_linux::init {
namespace {

void pivot_into(int root) {
  if (::fchdir(root) < 0) fail(errno, "enter the root filesystem");
  if (::syscall(SYS_pivot_root, ".", ".") < 0) fail(errno, "pivot_root");
  // The old root is now mounted over the new one; what it holds must not be reachable for one instruction.
  if (::umount2(".", MNT_DETACH) < 0) fail(errno, "detach the host's root");
  if (::chdir("/") < 0) fail(errno, "chdir to /");
}

void finish_root(const PlanView& plan, int root) {
  if (plan->root_propagation && ::mount(nullptr, "/", nullptr, plan->root_propagation, nullptr) < 0)
    fail(errno, "set the propagation of the root");
  apply_sysctls(plan, root);
  make_paths_readonly(plan, root);
  mask_paths(plan, root);
  if (plan->readonly_root) make_root_readonly();
}

} // namespace

void run_container(const PlanView& plan, const Inherited& inherited) {
  set_report_socket(inherited.report);
  if (!inherited.mapped) close_inherited(inherited);
  reset_signals();
  ::setsid();
  ::syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, nullptr);
  join_cgroups(plan, inherited.cgroup_v2_joined);
  if (!inherited.mapped) write_process_attributes(plan.head().process);
  ::umask(0);
  isolate_mounts(plan);
  // The staging directory is root's: it is entered before this process may turn into a user whom the host does not know.
  const int root = assemble_root(plan);
  enter_namespaces(plan, inherited.mapped);
  set_host_names(plan);
  const std::uint32_t early = independent_mounts(plan);
  perform_mounts(plan, root, 0, early);
  if (plan->await_ready) send_ready();
  await_shim();
  perform_mounts(plan, root, early, plan->mounts.count);
  if (needs_devices(plan)) make_devices(plan, root);
  note_host_pid();
  run_hooks(plan, plan->create_container, "createContainer");
  pivot_into(root);
  if (plan->process.stdio.tty)
    use_terminal(plan->process.stdio, open_terminal(plan->process, true));
  else
    use_pipes(inherited);
  finish_root(plan, root);
  launch(plan, plan);
}

void run_exec(const PlanView& plan, const PlanView& container, const Inherited& inherited) {
  const bool user_namespace = in_user_namespace(container);
  set_report_socket(inherited.report);
  close_inherited(inherited);
  reset_signals();
  ::setsid();
  ::syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, nullptr);
  join_cgroups(container, inherited.cgroup_v2_joined);
  write_process_attributes(plan.head().process);
  if (user_namespace) raise_hard_limits(plan);
  // Joining a shared namespace again changes nothing, except that one's own user namespace is refused.
  const int flags = static_cast<int>(CLONE_NEWNS | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWNET | CLONE_NEWCGROUP |
                                     (user_namespace ? CLONE_NEWUSER : 0));
  if (::syscall(SYS_setns, inherited.container, flags) < 0) fail(errno, "join the container's namespaces");
  if (user_namespace) become_namespace_root();
  if (plan->process.stdio.tty)
    use_terminal(plan->process.stdio, open_terminal(plan->process, false));
  else
    use_pipes(inherited);
  launch(plan, container);
}

} // namespace gantry::runtime_linux::init
