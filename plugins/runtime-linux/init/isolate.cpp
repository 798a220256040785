#include "init/isolate.hpp"

#include <fcntl.h>
#include <linux/magic.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cerrno>
#include <climits>
#include <cstdio>
#include <cstring>

#include "init/mount_label.hpp"
#include "init/report.hpp"
#include "init/root_path.hpp"

namespace gantry::runtime_linux::init {
namespace {

/// A path to hide or lock. Missing is fine: this kernel does not have it. What lies below /proc must be procfs.
int open_guarded(int root, const char* path) {
  const int fd = open_in_root(root, path, 0);
  if (fd == -ENOENT || fd == -ENOTDIR) return -1;
  if (fd < 0) fail(-fd, "open \"%s\"", path);
  if (!std::strncmp(path, "/proc/", 6) && !on_filesystem(fd, PROC_SUPER_MAGIC)) {
    // Masked twice is fine: the mask itself is not procfs.
    ::close(fd);
    return -1;
  }
  return fd;
}

void move_onto(int tree, int point, const char* path) {
  if (::move_mount(tree, "", point, "", MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH) < 0)
    fail(errno, "mount over \"%s\"", path);
}

void set_readonly(int tree, unsigned reach, const char* path) {
  mount_attr attr{};
  attr.attr_set = MOUNT_ATTR_RDONLY;
  if (::mount_setattr(tree, "", AT_EMPTY_PATH | reach, &attr, sizeof attr) < 0) fail(errno, "make \"%s\" read-only", path);
}

/// One empty read-only directory for all masked directories.
int empty_directory(const PlanView& plan) {
  const int context = ::fsopen("tmpfs", FSOPEN_CLOEXEC);
  if (context < 0) fail(errno, "open filesystem \"tmpfs\"");
  ::fsconfig(context, FSCONFIG_SET_STRING, "nr_inodes", "1", 0);
  ::fsconfig(context, FSCONFIG_SET_STRING, "mode", "755", 0);
  const char* label = context_of(plan, "tmpfs");
  if (*label) ::fsconfig(context, FSCONFIG_SET_STRING, "context", label, 0);
  if (::fsconfig(context, FSCONFIG_CMD_CREATE, nullptr, nullptr, 0) < 0) fail(errno, "mount an empty directory");
  const int fd =
      ::fsmount(context, FSMOUNT_CLOEXEC, MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC);
  if (fd < 0) fail(errno, "mount an empty directory");
  ::close(context);
  return fd;
}

void clone_onto(int tree, int point, const char* path) {
  const int clone = ::open_tree(tree, "", OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_EMPTY_PATH);
  if (clone < 0) fail(errno, "mask \"%s\"", path);
  move_onto(clone, point, path);
  ::close(clone);
}

void write_sysctl(int root, const char* key, const char* value) {
  char path[PATH_MAX];
  std::snprintf(path, sizeof path, "proc/sys/%s", key);
  for (char* p = path + 9; *p; ++p)
    if (*p == '.')
      *p = '/';
    else if (*p == '/')
      *p = '.';
  const int fd = open_plainly(root, path, O_WRONLY);
  if (fd < 0) fail(-fd, "open /%s", path);
  if (!on_filesystem(fd, PROC_SUPER_MAGIC)) fail(0, "sysctl %s: /proc/sys is not procfs", key);
  const auto size = static_cast<ssize_t>(std::strlen(value));
  if (::write(fd, value, static_cast<std::size_t>(size)) != size) fail(errno, "write sysctl key %s", key);
  ::close(fd);
}

} // namespace

void apply_sysctls(const PlanView& plan, int root) {
  for (const PlanPair& entry : plan.array<PlanPair>(plan->sysctls))
    write_sysctl(root, plan.string(entry.key), plan.string(entry.value));
}

void make_paths_readonly(const PlanView& plan, int root) {
  for (const Slice slice : plan.strings(plan->readonly)) {
    const char* path = plan.string(slice);
    const int point = open_guarded(root, path);
    if (point < 0) continue;
    const int tree = ::open_tree(point, "", OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_EMPTY_PATH | AT_RECURSIVE);
    if (tree < 0) fail(errno, "clone the mount of \"%s\"", path);
    set_readonly(tree, AT_RECURSIVE, path);
    move_onto(tree, point, path);
    ::close(tree);
    ::close(point);
  }
}

void mask_paths(const PlanView& plan, int root) {
  int empty = -1;
  int null = -1;
  for (const Slice slice : plan.strings(plan->masked)) {
    const char* path = plan.string(slice);
    const int point = open_guarded(root, path);
    if (point < 0) continue;
    struct stat info {};
    ::fstat(point, &info);
    if (S_ISDIR(info.st_mode)) {
      // Before Linux 6.15 a mount must be attached to be cloned: the first one is moved, the others are its clones.
      if (empty < 0)
        move_onto(empty = empty_directory(plan), point, path);
      else
        clone_onto(empty, point, path);
    } else {
      if (null < 0) {
        null = open_in_root(root, "/dev/null", 0);
        if (null < 0 || ::fstat(null, &info) < 0 || !S_ISCHR(info.st_mode))
          fail(0, "mask \"%s\": /dev/null is not a device", path);
      }
      clone_onto(null, point, path);
    }
    ::close(point);
  }
  if (empty >= 0) ::close(empty);
  if (null >= 0) ::close(null);
}

void make_root_readonly() {
  mount_attr attr{};
  attr.attr_set = MOUNT_ATTR_RDONLY;
  if (::mount_setattr(AT_FDCWD, "/", 0, &attr, sizeof attr) < 0) fail(errno, "make the root filesystem read-only");
}

} // namespace gantry::runtime_linux::init
