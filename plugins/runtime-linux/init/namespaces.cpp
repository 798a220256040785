#include "init/namespaces.hpp"

#include <fcntl.h>
#include <grp.h>
#include <net/if.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <cerrno>
#include <cstdio>
#include <cstring>

#include "init/report.hpp"

namespace gantry::runtime_linux::init {
namespace {

void join_by_path(const PlanView& plan, bool user, bool pid) {
  for (const PlanNamespacePath& entry : plan.array<PlanNamespacePath>(plan->joined_namespaces)) {
    // Who makes init enters the pid namespace, for its child.
    if ((entry.type == CLONE_NEWUSER) != user || (entry.type == CLONE_NEWPID && !pid)) continue;
    const char* path = plan.string(entry.path);
    const int fd = ::open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) fail(errno, "open namespace %s", path);
    if (::setns(fd, static_cast<int>(entry.type)) < 0) fail(errno, "join namespace %s", path);
    ::close(fd);
  }
}

void raise_loopback() {
  const int fd = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return; // no IPv4 in this kernel: no loopback to raise
  ifreq request{};
  std::memcpy(request.ifr_name, "lo", 3);
  request.ifr_flags = IFF_UP;
  if (::ioctl(fd, SIOCSIFFLAGS, &request) < 0) fail(errno, "bring the loopback interface up");
  ::close(fd);
}

} // namespace

bool in_user_namespace(const PlanView& plan) {
  bool joined = false;
  for (const PlanNamespacePath& entry : plan.array<PlanNamespacePath>(plan->joined_namespaces))
    joined |= entry.type == CLONE_NEWUSER;
  return joined || plan->namespaces & CLONE_NEWUSER;
}

void become_namespace_root() {
  if (::setresgid(0, 0, 0) < 0 || ::setresuid(0, 0, 0) < 0) fail(errno, "become root of the user namespace");
  ::setgroups(0, nullptr);
}

void join_namespaces(const PlanView& plan, bool pid) {
  join_by_path(plan, false, pid);
  join_by_path(plan, true, pid);
}

void enter_namespaces(const PlanView& plan, bool joined) {
  if (!joined) join_namespaces(plan, false);
  if (plan->namespaces & CLONE_NEWUSER) await_shim(); // for its id maps
  if (in_user_namespace(plan)) become_namespace_root();
  if (plan->namespaces & CLONE_NEWCGROUP && ::unshare(CLONE_NEWCGROUP) < 0) fail(errno, "unshare the cgroup namespace");
  if (plan->namespaces & CLONE_NEWNET) raise_loopback();
}

void set_host_names(const PlanView& plan) {
  const char* host = plan.string(plan->hostname);
  const char* domain = plan.string(plan->domainname);
  if (*host && ::sethostname(host, std::strlen(host)) < 0) fail(errno, "set the hostname \"%s\"", host);
  if (*domain && ::setdomainname(domain, std::strlen(domain)) < 0) fail(errno, "set the domainname \"%s\"", domain);
}

void isolate_mounts(const PlanView&) {
  if (::mount(nullptr, "/", nullptr, MS_SLAVE | MS_REC, nullptr) < 0) fail(errno, "make the mount namespace private");
  // pivot_root refuses a new root whose parent mount is shared; a slave's peers stay untouched.
}

void write_process_attributes(const PlanProcess& process) {
  if (!process.has_oom_score_adj) return;
  char value[16];
  const int size = std::snprintf(value, sizeof value, "%d", process.oom_score_adj);
  const int fd = ::open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);
  if (fd < 0) fail(errno, "open /proc/self/oom_score_adj");
  if (::write(fd, value, static_cast<std::size_t>(size)) != size) fail(errno, "write %s to oom_score_adj", value);
  ::close(fd);
}

} // namespace gantry::runtime_linux::init
