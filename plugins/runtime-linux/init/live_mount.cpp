#include "init/live_mount.hpp"

#include <fcntl.h>
#include <grp.h>
#include <linux/magic.h>
#include <linux/nsfs.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "init/mapped_overlay.hpp"
#include "init/mounts.hpp"
#include "init/report.hpp"
#include "init/root_path.hpp"
#include "shim/receive.hpp"

// The container may change its file system while this works in it: whatever is decided is decided about a descriptor, and that
// is what is used.
namespace gantry::runtime_linux::init {
namespace {

struct Order {
  PlanView plan;
  int mount_namespace = -1;
};

Order receive_order(int socket) {
  char ignored = 0;
  shim::Received received;
  if (shim::receive_message(socket, &ignored, sizeof ignored, received) <= 0 || received.count != 2)
    fail(0, "no order for a live mount");
  struct stat info {};
  const int file = received.fds[0].get();
  if (::fstat(file, &info) < 0) fail(errno, "read a mount plan");
  const auto size = static_cast<std::size_t>(info.st_size);
  const void* const block = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, file, 0);
  if (block == MAP_FAILED) fail(errno, "read a mount plan");
  const Order order{PlanView(block, size), received.fds[1].release()};
  if (!order.plan.valid() || order.plan.array<PlanMount>(order.plan->mounts).count != 1) fail(0, "the mount plan is damaged");
  return order;
}

bool same_file(int a, int b) {
  struct stat left {
  }, right{};
  return ::fstat(a, &left) == 0 && ::fstat(b, &right) == 0 && left.st_dev == right.st_dev && left.st_ino == right.st_ino;
}

/// The user namespace that the container's mounts belong to; -1: the one of this process.
int other_user_namespace(int mount_namespace) {
  const int owner = ::ioctl(mount_namespace, NS_GET_USERNS);
  const int own = ::open("/proc/self/ns/user", O_RDONLY | O_CLOEXEC);
  if (owner < 0 || own < 0) fail(errno, "find the container's user namespace");
  const bool same = same_file(owner, own);
  ::close(own);
  if (!same) return owner;
  ::close(owner);
  return -1;
}

/// Made with the host's rights, in the host's namespace.
int open_tree_of_host(const PlanView& plan, const PlanMount& mount, int users) {
  const char* source = plan.string(mount.source);
  if (::access(source, F_OK) < 0 && errno == ENOENT)
    fail_because(ControlReason::file_not_found, 0, "bind source path does not exist: %s", source);
  const int tree = make_detached(plan, mount);
  if (mount.idmap != IdMapped::no && users >= 0) map_owners(tree, users, mount.idmap == IdMapped::recursive, source);
  return tree;
}

/// From here on "/" is the container's, and this process is its root. Returns a descriptor of that directory.
int enter(const Order& order, int users) {
  if (::setns(order.mount_namespace, CLONE_NEWNS) < 0) fail(errno, "enter the container's mount namespace");
  // What is made for a mount belongs to the container's root.
  if (users >= 0 &&
      (::setns(users, CLONE_NEWUSER) < 0 || ::setgroups(0, nullptr) < 0 || ::setresgid(0, 0, 0) < 0 || ::setresuid(0, 0, 0) < 0))
    fail(errno, "enter the container's user namespace");
  const int root = ::open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
  if (root < 0) fail(errno, "open the container's root directory");
  return root;
}

bool is_directory(int fd) {
  struct stat info {};
  return ::fstat(fd, &info) == 0 && S_ISDIR(info.st_mode);
}

/// What the kernel shows there decides what the container may do: nothing of it is covered by a link that leads there.
bool is_kernels(int fd) { return on_filesystem(fd, PROC_SUPER_MAGIC) || on_filesystem(fd, SYSFS_MAGIC); }

void mount(const Order& order) {
  const PlanView& plan = order.plan;
  const PlanMount& mount = plan.array<PlanMount>(plan->mounts)[0];
  const char* target = plan.string(mount.target);
  const int users = other_user_namespace(order.mount_namespace);
  const int tree = open_tree_of_host(plan, mount, users);
  const int root = enter(order, users);
  const int point = make_mountpoint(root, target, is_directory(tree));
  if (point < 0) fail(-point, "create mountpoint \"%s\"", target);
  if (is_kernels(point)) fail(0, "mount at \"%s\": it is in /proc or /sys", target);
  if (same_file(point, root)) fail(0, "mount at \"%s\": it is the container's root directory", target);
  move_onto(tree, point, target);
}

[[noreturn]] void fail_unmounted(const char* target) {
  fail_because(ControlReason::file_not_found, 0, "nothing is mounted at \"%s\"", target);
}

struct Line {
  char* text = nullptr;
  std::size_t size = 0;
};

/// The line of a mount in mountinfo (proc_pid_mountinfo(5)): its parent's id, and whether its file system is a kernel's own.
bool find_mount(FILE* table, long wanted, long& parent, bool& kernels) {
  std::rewind(table);
  static Line line;
  while (::getline(&line.text, &line.size, table) > 0) {
    char* end = nullptr;
    if (std::strtol(line.text, &end, 10) != wanted) continue;
    parent = std::strtol(end, nullptr, 10);
    const char* const type = std::strstr(line.text, " - ");
    kernels = type && (!std::strncmp(type, " - proc ", 8) || !std::strncmp(type, " - sysfs ", 9));
    return true;
  }
  return false;
}

/// /proc, or a mask in it, for example: where a link has led that the container put into the path.
bool is_kernels_or_on_it(int process, std::uint64_t id) {
  const int fd = ::openat(process, "mountinfo", O_RDONLY | O_CLOEXEC);
  FILE* const table = fd < 0 ? nullptr : ::fdopen(fd, "r");
  if (!table) fail(errno, "read the container's mounts");
  long parent = 0, none = 0;
  bool kernels = false, below = false;
  const bool found = find_mount(table, static_cast<long>(id), parent, kernels) && find_mount(table, parent, none, below);
  std::fclose(table);
  return !found || kernels || below;
}

void unmount(const Order& order) {
  const PlanView& plan = order.plan;
  const char* target = plan.string(plan.array<PlanMount>(plan->mounts)[0].target);
  const int process = ::open("/proc/self", O_PATH | O_DIRECTORY | O_CLOEXEC);
  if (process < 0) fail(errno, "open /proc/self");
  const int root = enter(order, other_user_namespace(order.mount_namespace));
  const int point = open_in_root(root, target, 0);
  if (point == -ENOENT || point == -ENOTDIR || point == -ELOOP) fail_unmounted(target);
  if (point < 0) fail(-point, "open \"%s\"", target);
  struct statx info {};
  if (::statx(point, "", AT_EMPTY_PATH, STATX_MNT_ID, &info) < 0) fail(errno, "look at \"%s\"", target);
  if (!(info.stx_attributes & STATX_ATTR_MOUNT_ROOT) || same_file(point, root)) fail_unmounted(target);
  if (is_kernels_or_on_it(process, info.stx_mnt_id)) fail_unmounted(target);
  // By its descriptor: umount2(2) has no other way, and a path could lead elsewhere by now.
  char name[32];
  std::snprintf(name, sizeof name, "fd/%d", point);
  if (::fchdir(process) < 0 || ::umount2(name, MNT_DETACH) < 0) fail(errno, "unmount \"%s\"", target);
}

} // namespace

void change_live_mounts(int socket, LiveMount what) {
  ::prctl(PR_SET_DUMPABLE, 0);
  ::umask(022);
  (void)!::chdir("/");
  set_report_socket(socket);
  const Order order = receive_order(socket);
  what == LiveMount::mount ? mount(order) : unmount(order);
  send_ready();
  ::_exit(0);
}

} // namespace gantry::runtime_linux::init
