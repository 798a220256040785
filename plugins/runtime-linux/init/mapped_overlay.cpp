#include "init/mapped_overlay.hpp"

#include <fcntl.h>
#include <linux/capability.h>
#include <sys/fsuid.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <cerrno>
#include <climits>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "init/id_maps.hpp"
#include "init/mount_label.hpp"
#include "init/mounts.hpp"
#include "init/report.hpp"

// An overlay takes over the owners that its layers' mounts show (Linux 5.19). Its layers must be attached somewhere until
// it is mounted: that is a tmpfs in the staging directory, in a mount namespace that nobody else sees.
namespace gantry::runtime_linux::init {
namespace {

/// Options of the overlay with its layers' names in the workshop.
struct Options {
  char* text;
  std::size_t size, used = 0;

  void add(const char* format, const char* value) {
    const int written = std::snprintf(text + used, size - used, format, value);
    if (written < 0 || static_cast<std::size_t>(written) >= size - used) fail(E2BIG, "mount overlay: options exceed one page");
    used += static_cast<std::size_t>(written);
  }
};

void attach_mapped(const char* path, int mapping, const char* name) {
  const int tree = ::open_tree(AT_FDCWD, path, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);
  if (tree < 0) fail(errno, "open layer \"%s\"", path);
  map_owners(tree, mapping, false, path);
  if (::mkdir(name, 0700) < 0) fail(errno, "prepare layer \"%s\"", path);
  if (::move_mount(tree, "", AT_FDCWD, name, MOVE_MOUNT_F_EMPTY_PATH) < 0) fail(errno, "attach layer \"%s\"", path);
  ::close(tree);
}

void add_lower_layers(Options& options, const char* list, int mapping) {
  char path[PATH_MAX], name[16];
  options.add("%s", "lowerdir=");
  for (unsigned index = 0; *list; ++index) {
    std::size_t n = 0;
    while (*list && *list != ':' && n + 1 < sizeof path) {
      if (*list == '\\' && list[1]) ++list;
      path[n++] = *list++;
    }
    path[n] = '\0';
    if (*list == ':') ++list;
    std::snprintf(name, sizeof name, "%u", index);
    attach_mapped(path, mapping, name);
    options.add(index ? ":%s" : "%s", name);
  }
}

/// Directory part of `path` up to its last slash; the name behind it is returned.
const char* split(const char* path, char* directory, std::size_t size) {
  const char* slash = std::strrchr(path, '/');
  if (!slash || slash == path) fail(0, "overlay directory \"%s\" is not an absolute path", path);
  std::snprintf(directory, size, "%.*s", static_cast<int>(slash - path), path);
  return slash + 1;
}

/// upperdir and workdir must lie on one mount.
void add_upper_layer(Options& options, const char* upper, const char* work, int mapping) {
  char upper_parent[PATH_MAX], work_parent[PATH_MAX];
  const char* upper_name = split(upper, upper_parent, sizeof upper_parent);
  const char* work_name = split(work, work_parent, sizeof work_parent);
  if (std::strcmp(upper_parent, work_parent) != 0)
    fail(0, "upperdir \"%s\" and workdir \"%s\" must be in one directory to be mapped", upper, work);
  attach_mapped(upper_parent, mapping, "u");
  options.add(",upperdir=u/%s", upper_name);
  options.add(",workdir=u/%s", work_name);
}

/// The overlay acts on its layers as whoever mounts it, so that must be an id that the mapping knows.
void act_as(uid_t uid, gid_t gid) {
  ::setfsgid(gid);
  ::setfsuid(uid);
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  __user_cap_data_struct data[2] = {};
  if (::syscall(SYS_capget, &header, data) < 0) fail(errno, "read the capabilities");
  // Leaving uid 0 takes the capabilities over files away.
  for (auto& half : data) half.effective = half.permitted;
  if (::syscall(SYS_capset, &header, data) < 0) fail(errno, "keep the capabilities");
}

const char* option_value(const char* option, const char* key) {
  const std::size_t size = std::strlen(key);
  return !std::strncmp(option, key, size) && option[size] == '=' ? option + size + 1 : nullptr;
}

void compose(Options& options, const PlanView& plan, const PlanMount& mount, int mapping) {
  const char *upper = nullptr, *work = nullptr;
  for (const Slice slice : plan.strings(mount.options)) {
    const char* option = plan.string(slice);
    if (const char* lower = option_value(option, "lowerdir"))
      add_lower_layers(options, lower, mapping);
    else if (const char* value = option_value(option, "upperdir"))
      upper = value;
    else if (const char* other = option_value(option, "workdir"))
      work = other;
  }
  if (upper && work) add_upper_layer(options, upper, work, mapping);
  for (const Slice slice : plan.strings(mount.options)) {
    const char* option = plan.string(slice);
    if (option_value(option, "lowerdir") || option_value(option, "upperdir") || option_value(option, "workdir")) continue;
    options.add(",%s", option);
  }
  if (const ContextOption context(plan, "overlay"); *context.text) options.add(",%s", context.text);
}

} // namespace

void map_owners(int tree, int mapping, bool recursive, const char* path) {
  mount_attr attr{};
  attr.attr_set = MOUNT_ATTR_IDMAP;
  attr.userns_fd = static_cast<std::uint64_t>(mapping);
  if (::mount_setattr(tree, "", AT_EMPTY_PATH | (recursive ? AT_RECURSIVE : 0U), &attr, sizeof attr) == 0) return;
  const int err = errno;
  if (err == EINVAL || err == EOPNOTSUPP || err == EPERM)
    fail(err, "map the owners of \"%s\": its file system cannot be mounted with mapped ids on this kernel", path);
  fail(err, "map the owners of \"%s\"", path);
}

int make_mapped_overlay(const PlanView& plan, const PlanMount& mount, int mapping) {
  const char* workshop = plan.string(plan->staging);
  if (::mount("tmpfs", workshop, "tmpfs", MS_NODEV | MS_NOSUID, "mode=700") < 0) fail(errno, "mount a tmpfs at %s", workshop);
  if (::chdir(workshop) < 0) fail(errno, "enter %s", workshop);
  const std::size_t size = static_cast<std::size_t>(::getpagesize());
  Options options{static_cast<char*>(std::calloc(1, size)), size};
  if (!options.text || ::mkdir("merged", 0700) < 0) fail(errno, "mount overlay");
  compose(options, plan, mount, mapping);

  const unsigned long flags = mount.attr_set & MOUNT_ATTR_RDONLY ? static_cast<unsigned long>(MS_RDONLY) : 0;
  act_as(host_uid(plan, 0), host_gid(plan, 0));
  if (::mount("overlay", "merged", "overlay", flags, options.text) < 0) {
    const int err = errno;
    if (err == EINVAL) fail(err, "mount overlay over layers with mapped owners (Linux 5.19 or newer can)");
    fail(err, "mount overlay over layers with mapped owners (options \"%.256s\")", options.text);
  }
  act_as(0, 0);
  const int tree = ::open_tree(AT_FDCWD, "merged", OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);
  if (tree < 0) fail(errno, "open the overlay");
  if (::chdir("/") < 0 || ::umount2(workshop, MNT_DETACH) < 0) fail(errno, "leave %s", workshop);
  std::free(options.text);
  return tree;
}

} // namespace gantry::runtime_linux::init
