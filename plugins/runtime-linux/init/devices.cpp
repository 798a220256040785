#include "init/devices.hpp"

#include <fcntl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>
#include <cerrno>
#include <climits>
#include <cstring>

#include "init/mapped_trees.hpp"
#include "init/mounts.hpp"
#include "init/report.hpp"
#include "init/root_path.hpp"

namespace gantry::runtime_linux::init {
namespace {

/// In a user namespace mknod is refused: show the host's node instead.
void bind_device(int root, const char* path) {
  const int tree = ::open_tree(AT_FDCWD, path, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);
  if (tree < 0) fail(errno, "bind device \"%s\"", path);
  attach_mount(tree, root, path, false);
  ::close(tree);
}

void make_device(const PlanView& plan, const PlanDevice& device, int root) {
  const char* path = plan.string(device.path);
  char name[NAME_MAX + 1];
  const int parent = open_parent(root, path, name);
  if (parent < 0) fail(-parent, "create device \"%s\"", path);
  const int made = ::mknodat(parent, name, device.mode, makedev(device.major, device.minor));
  if (made < 0 && errno == EPERM) {
    ::close(parent);
    return bind_device(root, path);
  }
  if (made < 0 && errno != EEXIST) fail(errno, "create device \"%s\"", path);
  if (made == 0 && (device.uid || device.gid) && ::fchownat(parent, name, device.uid, device.gid, AT_SYMLINK_NOFOLLOW) < 0)
    fail(errno, "change the owner of device \"%s\"", path);
  ::close(parent);
}

void link_in_dev(int dev, const char* target, const char* name) {
  if (::symlinkat(target, dev, name) < 0 && errno != EEXIST) fail(errno, "link /dev/%s", name);
}

} // namespace

bool needs_devices(const PlanView& plan) {
  for (const PlanMount& mount : plan.array<PlanMount>(plan->mounts))
    if (mount.kind == MountKind::bind && !std::strcmp(plan.string(mount.target), "/dev")) return false;
  return true;
}

void make_devices(const PlanView& plan, int root) {
  const auto devices = plan.array<PlanDevice>(plan->devices);
  for (std::uint32_t i = 0; i < devices.count; ++i) {
    const int tree = take_device_tree(i);
    if (tree < 0) {
      make_device(plan, devices[i], root);
      continue;
    }
    attach_mount(tree, root, plan.string(devices[i].path), false);
    ::close(tree);
  }
  const int path = make_mountpoint(root, "/dev", true);
  if (path < 0) fail(-path, "open /dev");
  link_in_dev(path, "/proc/self/fd", "fd");
  link_in_dev(path, "/proc/self/fd/0", "stdin");
  link_in_dev(path, "/proc/self/fd/1", "stdout");
  link_in_dev(path, "/proc/self/fd/2", "stderr");
  if (::access("/proc/kcore", F_OK) == 0) link_in_dev(path, "/proc/kcore", "core");
  link_in_dev(path, "pts/ptmx", "ptmx");
  ::close(path);
}

} // namespace gantry::runtime_linux::init
