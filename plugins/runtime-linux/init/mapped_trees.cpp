#include "init/mapped_trees.hpp"

#include <fcntl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "init/devices.hpp"
#include "init/id_maps.hpp"
#include "init/mapped_overlay.hpp"
#include "init/mount_label.hpp"
#include "init/mounts.hpp"
#include "init/report.hpp"

namespace gantry::runtime_linux::init {
namespace {

struct Trees {
  int* fds = nullptr;
  std::uint32_t count = 0;

  void reserve(std::uint32_t n) {
    fds = static_cast<int*>(std::malloc(sizeof(int) * (n + 1)));
    if (!fds) fail(ENOMEM, "prepare the container's mounts");
    count = n;
    for (std::uint32_t i = 0; i < n; ++i) fds[i] = -1;
  }
  int take(std::uint32_t index) {
    if (index >= count) return -1;
    const int fd = fds[index];
    fds[index] = -1;
    return fd;
  }
};

Trees roots, binds, nodes;

int make_root(const PlanView& plan, const PlanMount& mount, int mapping) {
  if (mount.kind == MountKind::bind) {
    const int tree = make_detached(plan, mount);
    map_owners(tree, mapping, false, plan.string(mount.source));
    return tree;
  }
  if (std::strcmp(plan.string(mount.type), "overlay") != 0)
    fail(0, "a root filesystem of type \"%s\" cannot have mapped owners", plan.string(mount.type));
  return make_mapped_overlay(plan, mount, mapping);
}

int make_node(const PlanView& plan, const PlanDevice& device, const char* name) {
  const char* path = plan.string(device.path);
  const bool made = ::mknod(name, device.mode, makedev(device.major, device.minor)) == 0;
  // A daemon that may not make devices shows the host's.
  if (!made && errno != EPERM) fail(errno, "create device \"%s\"", path);
  if (made && ::chown(name, host_uid(plan, device.uid), host_gid(plan, device.gid)) < 0)
    fail(errno, "change the owner of device \"%s\"", path);
  const int tree = ::open_tree(AT_FDCWD, made ? name : path, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);
  if (tree < 0) fail(errno, "bind device \"%s\"", path);
  return tree;
}

/// mknod is refused in a user namespace, and devices of a filesystem mounted there do not open.
void make_nodes(const PlanView& plan) {
  const char* workshop = plan.string(plan->staging);
  char options[sizeof(ContextOption) + 32];
  const ContextOption context(plan, "tmpfs");
  std::snprintf(options, sizeof options, "mode=755,size=1m%s%s", *context.text ? "," : "", context.text);
  if (::mount("tmpfs", workshop, "tmpfs", MS_NOSUID | MS_NOEXEC, options) < 0) fail(errno, "mount a tmpfs at %s", workshop);
  if (::chdir(workshop) < 0) fail(errno, "enter %s", workshop);
  const mode_t mask = ::umask(0);
  const auto devices = plan.array<PlanDevice>(plan->devices);
  nodes.reserve(devices.count);
  for (std::uint32_t i = 0; i < devices.count; ++i) {
    char name[16];
    std::snprintf(name, sizeof name, "%u", i);
    nodes.fds[i] = make_node(plan, devices[i], name);
  }
  ::umask(mask);
  if (::chdir("/") < 0 || ::umount2(workshop, MNT_DETACH) < 0) fail(errno, "leave %s", workshop);
}

} // namespace

void prepare_trees(const PlanView& plan, int mapping) {
  const auto layers = plan.array<PlanMount>(plan->rootfs);
  roots.reserve(layers.count);
  for (std::uint32_t i = 0; i < layers.count; ++i) roots.fds[i] = make_root(plan, layers[i], mapping);
  const auto mounts = plan.array<PlanMount>(plan->mounts);
  binds.reserve(mounts.count);
  for (std::uint32_t i = 0; i < mounts.count; ++i) {
    if (mounts[i].kind != MountKind::bind) continue;
    binds.fds[i] = make_detached(plan, mounts[i]);
    if (mounts[i].idmap != IdMapped::no)
      map_owners(binds.fds[i], mapping, mounts[i].idmap == IdMapped::recursive, plan.string(mounts[i].source));
  }
  if (needs_devices(plan)) make_nodes(plan);
}

int take_root_tree(std::uint32_t index) { return roots.take(index); }
int take_mount_tree(std::uint32_t index) { return binds.take(index); }
int take_device_tree(std::uint32_t index) { return nodes.take(index); }

} // namespace gantry::runtime_linux::init
