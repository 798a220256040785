#include "init/privileges.hpp"

#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/magic.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <cerrno>
#include <cstddef>
#include <cstdio>
#include <cstring>

#include "init/report.hpp"
#include "init/root_path.hpp"

namespace gantry::runtime_linux::init {
namespace {

constexpr int last_capability = 63;

void drop_bounding(std::uint64_t keep) {
  for (int cap = 0; cap <= last_capability; ++cap) {
    const int held = ::prctl(PR_CAPBSET_READ, cap, 0, 0, 0);
    if (held < 0) return; // past the kernel's last capability
    if (held && !(keep >> cap & 1) && ::prctl(PR_CAPBSET_DROP, cap, 0, 0, 0) < 0) fail(errno, "drop capability %d", cap);
  }
}

/// What this process may pass on: a daemon without a capability cannot give it.
std::uint64_t own_permitted() {
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  __user_cap_data_struct data[2] = {};
  if (::syscall(SYS_capget, &header, data) < 0) fail(errno, "read the capabilities");
  return data[0].permitted | std::uint64_t{data[1].permitted} << 32;
}

void set_capabilities(const PlanProcess& process, std::uint64_t available) {
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  __user_cap_data_struct data[2] = {};
  for (int half = 0; half < 2; ++half) {
    const int shift = 32 * half;
    data[half].effective = static_cast<std::uint32_t>((process.effective & available) >> shift);
    data[half].permitted = static_cast<std::uint32_t>((process.permitted & available) >> shift);
    data[half].inheritable = static_cast<std::uint32_t>((process.inheritable & available) >> shift);
  }
  if (::syscall(SYS_capset, &header, data) < 0) fail(errno, "set the capabilities");
  ::prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
  const std::uint64_t ambient = process.ambient & process.permitted & process.inheritable & available;
  for (int cap = 0; cap <= last_capability; ++cap)
    if (ambient >> cap & 1 && ::prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, cap, 0, 0) < 0)
      fail(errno, "raise the ambient capability %d", cap);
}

bool write_attribute(const char* path, const char* value) {
  const int fd = ::open(path, O_WRONLY | O_CLOEXEC);
  if (fd < 0) return false;
  // A file that a mount over /proc put there would take the label and do nothing.
  if (!on_filesystem(fd, PROC_SUPER_MAGIC)) fail(0, "%s is not procfs", path);
  const auto size = static_cast<ssize_t>(std::strlen(value));
  const bool done = ::write(fd, value, static_cast<std::size_t>(size)) == size;
  const int err = errno;
  ::close(fd);
  errno = err;
  return done;
}

} // namespace

void set_rlimits(const PlanView& plan) {
  for (const PlanRlimit& limit : plan.array<PlanRlimit>(plan->process.rlimits)) {
    const rlimit value{limit.soft, limit.hard};
    if (::setrlimit(static_cast<__rlimit_resource>(limit.resource), &value) < 0)
      fail(errno, "error setting rlimit type %u", limit.resource);
  }
}

void raise_hard_limits(const PlanView& plan) {
  for (const PlanRlimit& limit : plan.array<PlanRlimit>(plan->process.rlimits)) {
    rlimit value{};
    const auto resource = static_cast<__rlimit_resource>(limit.resource);
    if (::getrlimit(resource, &value) < 0 || value.rlim_max >= limit.hard) continue;
    value.rlim_max = limit.hard;
    if (::setrlimit(resource, &value) < 0) fail(errno, "error setting rlimit type %u", limit.resource);
  }
}

void take_identity(const PlanProcess& process, const Identity& identity) {
  const std::uint64_t available = own_permitted();
  if (process.has_capabilities) {
    drop_bounding(process.bounding);
    if (::prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0) < 0) fail(errno, "keep the capabilities");
  }
  // EPERM: a user namespace without a gid map for setgroups keeps the groups it has.
  if (::setgroups(static_cast<std::size_t>(identity.group_count), identity.groups) < 0 && errno != EPERM)
    fail(errno, "set the supplementary groups");
  if (::setresgid(identity.gid, identity.gid, identity.gid) < 0) fail(errno, "setgid %u", identity.gid);
  if (::setresuid(identity.uid, identity.uid, identity.uid) < 0) fail(errno, "setuid %u", identity.uid);
  if (!process.has_capabilities) return;
  ::prctl(PR_SET_KEEPCAPS, 0, 0, 0, 0);
  set_capabilities(process, available);
}

void install_seccomp(const PlanView& plan) {
  const auto filter = plan.array<sock_filter>(plan->process.seccomp);
  if (filter.empty()) return;
  sock_fprog program{static_cast<unsigned short>(filter.count), const_cast<sock_filter*>(filter.data)};
  if (::syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, plan->process.seccomp_flags, &program) < 0)
    fail(errno, "load the seccomp filter");
}

void set_exec_labels(const PlanView& plan) {
  const char* profile = plan.string(plan->process.apparmor);
  if (*profile) {
    char value[256];
    std::snprintf(value, sizeof value, "exec %s", profile);
    if (!write_attribute("/proc/self/attr/apparmor/exec", value) && !write_attribute("/proc/self/attr/exec", value))
      fail(errno, "unable to apply apparmor profile: apparmor failed to apply profile: write /proc/self/attr/apparmor/exec");
  }
  const char* label = plan.string(plan->process.selinux);
  if (*label && !write_attribute("/proc/self/attr/exec", label)) fail(errno, "apply SELinux label \"%s\"", label);
}

} // namespace gantry::runtime_linux::init
