#include "init/mount_label.hpp"

#include <sys/xattr.h>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <initializer_list>

#include "init/report.hpp"

namespace gantry::runtime_linux::init {
namespace {

/// The policy labels their files itself; a POSIX message queue filesystem was mounted when its IPC namespace came to be, and a
/// second mount of it cannot have another context.
bool labels_itself(const char* type) {
  for (const char* name : {"proc", "sysfs", "cgroup", "cgroup2", "mqueue"})
    if (!std::strcmp(type, name)) return true;
  return false;
}

} // namespace

const char* context_of(const PlanView& plan, const char* type) {
  return labels_itself(type) ? "" : plan.string(plan->mount_label);
}

ContextOption::ContextOption(const PlanView& plan, const char* type) : text{} {
  const char* context = context_of(plan, type);
  if (!*context) return;
  if (std::snprintf(text, sizeof text, "context=\"%s\"", context) >= static_cast<int>(sizeof text))
    fail(E2BIG, "mount %s: its SELinux label", type);
}

void label_root(const PlanView& plan, const PlanMount& mount, int tree) {
  const char* label = plan.string(plan->mount_label);
  if (!*label || std::strcmp(plan.string(mount.type), "mqueue") != 0) return;
  char path[64];
  std::snprintf(path, sizeof path, "/proc/self/fd/%d", tree);
  if (::setxattr(path, "security.selinux", label, std::strlen(label) + 1, 0) == 0) return;
  // EPERM: with ids of its own the container does not own it, the namespace came to be before the ids were mapped.
  if (errno == ENOTSUP || errno == EPERM) return;
  fail(errno, "label \"%s\"", plan.string(mount.target));
}

} // namespace gantry::runtime_linux::init
