#include "init/mounts.hpp"

#include <fcntl.h>
#include <linux/magic.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cerrno>
#include <cstring>
#include <initializer_list>

#include "init/cgroup_mounts.hpp"
#include "init/filesystem.hpp"
#include "init/mapped_trees.hpp"
#include "init/report.hpp"
#include "init/root_path.hpp"

namespace gantry::runtime_linux::init {
namespace {

bool is_kernel_filesystem(const char* type) { return !std::strcmp(type, "proc") || !std::strcmp(type, "sysfs"); }

/// Another container's tmpfs. That container's program chose what is there, so nothing but a tmpfs is taken.
int open_elsewhere(const PlanView& plan, const PlanMount& mount) {
  const char* source = plan.string(mount.source);
  const char* where = plan.string(mount.mount_namespace);
  const int own = ::open("/proc/self/ns/mnt", O_RDONLY | O_CLOEXEC);
  const int other = ::open(where, O_RDONLY | O_CLOEXEC);
  if (own < 0 || other < 0) fail(errno, "open namespace %s", where);
  if (::setns(other, CLONE_NEWNS) < 0) fail(errno, "enter namespace %s", where);
  const int root = ::open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
  const int found = open_plainly(root, source, O_PATH | O_DIRECTORY);
  const bool right = found >= 0 && on_filesystem(found, TMPFS_MAGIC);
  const int tree = right ? ::open_tree(found, "", OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_EMPTY_PATH) : -1;
  const int err = found < 0 ? -found : errno;
  if (::setns(own, CLONE_NEWNS) < 0) fail(errno, "leave namespace %s", where);
  if (found >= 0 && !right) fail(0, "share \"%s\" of another container: it is not a tmpfs", source);
  if (tree < 0) fail(err, "share \"%s\" of another container", source);
  for (const int fd : {own, other, root, found}) ::close(fd);
  return tree;
}

int open_source(const PlanView& plan, const PlanMount& mount) {
  if (*plan.string(mount.mount_namespace)) return open_elsewhere(plan, mount);
  const unsigned recursive = mount.recursive ? AT_RECURSIVE : 0;
  const int fd = ::open_tree(AT_FDCWD, plan.string(mount.source), OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | recursive);
  if (fd < 0) fail(errno, "bind \"%s\" to \"%s\"", plan.string(mount.source), plan.string(mount.target));
  return fd;
}

int make_bind(const PlanView& plan, const PlanMount& mount) {
  const int fd = open_source(plan, mount);
  mount_attr attr{};
  attr.attr_set = mount.attr_set;
  attr.attr_clr = mount.attr_clear;
  if (attr.attr_set & MOUNT_ATTR__ATIME || attr.attr_clr & MOUNT_ATTR__ATIME) attr.attr_clr |= MOUNT_ATTR__ATIME;
  const unsigned deep = mount.recursive_attr ? AT_RECURSIVE : 0;
  if ((attr.attr_set || attr.attr_clr) && ::mount_setattr(fd, "", AT_EMPTY_PATH | deep, &attr, sizeof attr) < 0)
    fail(errno, "set the options of the mount at \"%s\"", plan.string(mount.target));
  mount_attr propagation{};
  const std::uint32_t kind = mount.propagation & ~static_cast<std::uint32_t>(MS_REC);
  propagation.propagation = kind ? kind : static_cast<std::uint32_t>(MS_PRIVATE);
  const unsigned reach = !kind || mount.propagation & MS_REC ? AT_RECURSIVE : 0;
  if (::mount_setattr(fd, "", AT_EMPTY_PATH | reach, &propagation, sizeof propagation) < 0)
    fail(errno, "set the propagation of the mount at \"%s\"", plan.string(mount.target));
  return fd;
}

/// /proc and /sys decide what the rest of init may trust, so the image must not lead them elsewhere.
int open_kernel_mountpoint(int root, const char* type, const char* path) {
  int fd = make_mountpoint(root, path, true);
  if (fd >= 0) {
    ::close(fd);
    fd = open_plainly(root, path, O_PATH | O_DIRECTORY | O_NOFOLLOW);
  }
  if (fd == -ELOOP || fd == -ENOTDIR) fail(0, "filesystem \"%s\" must be mounted on ordinary directory", type);
  if (fd < 0) fail(-fd, "create mountpoint \"%s\"", path);
  return fd;
}

bool is_directory(int fd) {
  struct stat info {};
  return ::fstat(fd, &info) == 0 && S_ISDIR(info.st_mode);
}

void perform(const PlanView& plan, const PlanMount& mount, int prepared, int root) {
  const char* target = plan.string(mount.target);
  const char* type = plan.string(mount.type);
  if (mount.kind == MountKind::cgroup) return mount_cgroups(plan, mount, root);
  const int tree = prepared < 0 ? make_detached(plan, mount) : prepared;
  const bool directory = tree < 0 || is_directory(tree);
  const int point =
      is_kernel_filesystem(type) ? open_kernel_mountpoint(root, type, target) : make_mountpoint(root, target, directory);
  if (point < 0) fail(-point, "create mountpoint \"%s\"", target);
  if (tree < 0) {
    mount_classically(plan, mount, point);
  } else {
    move_onto(tree, point, target);
    ::close(tree);
  }
  ::close(point);
}

} // namespace

void move_onto(int mount, int target, const char* path) {
  if (::move_mount(mount, "", target, "", MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH) == 0) return;
  const int err = errno;
  if (is_directory(mount) == is_directory(target)) fail(err, "mount at \"%s\"", path);
  // The kernel's "invalid argument" does not help anybody.
  fail(0,
       "mount at \"%s\": not a directory: Are you trying to mount a directory onto a file (or vice-versa)? Check if the "
       "specified host path exists and is the expected type",
       path);
}

int make_detached(const PlanView& plan, const PlanMount& mount) {
  return mount.kind == MountKind::bind ? make_bind(plan, mount) : make_filesystem(plan, mount);
}

int assemble_root(const PlanView& plan) {
  const char* staging = plan.string(plan->staging);
  const auto layers = plan.array<PlanMount>(plan->rootfs);
  if (layers.empty()) fail(0, "the container has no root filesystem");
  for (std::uint32_t i = 0; i < layers.count; ++i) {
    const PlanMount& layer = layers[i];
    const int point = ::open(staging, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (point < 0) fail(errno, "open %s", staging);
    const int prepared = take_root_tree(i);
    const int tree = prepared < 0 ? make_detached(plan, layer) : prepared;
    if (tree < 0) {
      mount_classically(plan, layer, point);
    } else {
      move_onto(tree, point, staging);
      ::close(tree);
    }
    ::close(point);
  }
  const int root = ::open(staging, O_PATH | O_DIRECTORY | O_CLOEXEC);
  if (root < 0) fail(errno, "open the root filesystem");
  return root;
}

std::uint32_t independent_mounts(const PlanView& plan) {
  std::uint32_t n = 0;
  for (const PlanMount& mount : plan.array<PlanMount>(plan->mounts)) {
    if (mount.kind == MountKind::bind && !*plan.string(mount.mount_namespace)) break;
    ++n;
  }
  return n;
}

void perform_mounts(const PlanView& plan, int root, std::uint32_t first, std::uint32_t last) {
  const auto mounts = plan.array<PlanMount>(plan->mounts);
  for (std::uint32_t i = first; i < last; ++i) perform(plan, mounts[i], take_mount_tree(i), root);
}

void attach_mount(int mount, int root, const char* path, bool directory) {
  const int point = make_mountpoint(root, path, directory);
  if (point < 0) fail(-point, "create mountpoint \"%s\"", path);
  move_onto(mount, point, path);
  ::close(point);
}

} // namespace gantry::runtime_linux::init
