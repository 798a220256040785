#include "init/cgroup_mounts.hpp"

#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cerrno>
#include <cstdio>
#include <cstring>

#include "init/mount_label.hpp"
#include "init/mounts.hpp"
#include "init/report.hpp"
#include "init/root_path.hpp"

namespace gantry::runtime_linux::init {
namespace {

int new_filesystem(const char* type, const char* options, const char* label, std::uint32_t attr) {
  const int context = ::fsopen(type, FSOPEN_CLOEXEC);
  if (context < 0) fail(errno, "open filesystem \"%s\"", type);
  char option[64];
  for (const char* p = options; *p;) {
    const std::size_t size = std::strcspn(p, ",");
    std::snprintf(option, sizeof option, "%.*s", static_cast<int>(size), p);
    p += size + (p[size] == ',');
    char* value = std::strchr(option, '=');
    if (value) *value++ = '\0';
    if (::fsconfig(context, value ? FSCONFIG_SET_STRING : FSCONFIG_SET_FLAG, option, value, 0) < 0)
      fail(errno, "mount %s: option \"%s\"", type, option);
  }
  if (*label && ::fsconfig(context, FSCONFIG_SET_STRING, "context", label, 0) < 0) fail(errno, "mount %s: its label", type);
  if (::fsconfig(context, FSCONFIG_CMD_CREATE, nullptr, nullptr, 0) < 0) fail(errno, "mount %s (%s)", type, options);
  const int fd = ::fsmount(context, FSMOUNT_CLOEXEC, attr);
  if (fd < 0) fail(errno, "mount %s (%s)", type, options);
  ::close(context);
  return fd;
}

/// Without a cgroup namespace the hierarchy would show the whole host: bind the container's own directory instead.
int own_directory(const char* path, std::uint32_t attributes) {
  const int fd = ::open_tree(AT_FDCWD, path, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);
  if (fd < 0) fail(errno, "bind \"%s\"", path);
  mount_attr attr{};
  attr.attr_set = attributes;
  if (::mount_setattr(fd, "", AT_EMPTY_PATH, &attr, sizeof attr) < 0) fail(errno, "set the options of \"%s\"", path);
  return fd;
}

void mount_v1(const PlanView& plan, const PlanMount& mount, int root) {
  const char* target = plan.string(mount.target);
  const int tmpfs = new_filesystem("tmpfs", "mode=755", context_of(plan, "tmpfs"),
                                   mount.attr_set & ~static_cast<std::uint32_t>(MOUNT_ATTR_RDONLY));
  attach_mount(tmpfs, root, target, true);
  const auto joined = plan.strings(plan->cgroup_v1);
  std::uint32_t index = 0;
  for (const PlanPair& controller : plan.array<PlanPair>(plan->cgroup_controllers)) {
    const char* name = plan.string(controller.key);
    const char* options = plan.string(controller.value);
    const bool own = plan->namespaces & CLONE_NEWCGROUP;
    const int fd =
        own ? new_filesystem("cgroup", options, "", mount.attr_set) : own_directory(plan.string(joined[index]), mount.attr_set);
    ++index;
    attach_mount(fd, tmpfs, name, true);
    ::close(fd);
    // "cpu,cpuacct" is also found as "cpu" and as "cpuacct".
    if (!std::strchr(name, ',')) continue;
    for (const char* p = name; *p;) {
      const std::size_t size = std::strcspn(p, ",");
      char link[64];
      std::snprintf(link, sizeof link, "%.*s", static_cast<int>(size), p);
      if (::symlinkat(name, tmpfs, link) < 0 && errno != EEXIST) fail(errno, "link \"%s\"", link);
      p += size + (p[size] == ',');
    }
  }
  mount_attr attr{};
  attr.attr_set = mount.attr_set & MOUNT_ATTR_RDONLY;
  if (attr.attr_set && ::mount_setattr(tmpfs, "", AT_EMPTY_PATH, &attr, sizeof attr) < 0)
    fail(errno, "make \"%s\" read-only", target);
  ::close(tmpfs);
}

} // namespace

void mount_cgroups(const PlanView& plan, const PlanMount& mount, int root) {
  if (plan->cgroup_version == 1) return mount_v1(plan, mount, root);
  const bool own = plan->namespaces & CLONE_NEWCGROUP;
  const int fd =
      own ? new_filesystem("cgroup2", "", "", mount.attr_set) : own_directory(plan.string(plan->cgroup_v2), mount.attr_set);
  attach_mount(fd, root, plan.string(mount.target), true);
  ::close(fd);
}

} // namespace gantry::runtime_linux::init
