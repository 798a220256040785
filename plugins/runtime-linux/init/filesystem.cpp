#include "init/filesystem.hpp"

#include <fcntl.h>
#include <sys/mount.h>
#include <sys/utsname.h>
#include <unistd.h>
#include <cerrno>
#include <climits>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "init/mount_label.hpp"
#include "init/report.hpp"

namespace gantry::runtime_linux::init {
namespace {

/// "lowerdir+" exists since Linux 6.5. Trying it on an older one would leave a complaint in the kernel's log every time.
bool has_single_lower_directories() {
  utsname system{};
  int major = 0, minor = 0;
  return ::uname(&system) == 0 && std::sscanf(system.release, "%d.%d", &major, &minor) == 2 &&
         (major > 6 || (major == 6 && minor >= 5));
}

/// fsconfig strings end at 255 bytes, so that lower directories go one by one.
bool add_lower_directories(int context, const char* list) {
  char path[PATH_MAX];
  while (*list) {
    std::size_t n = 0;
    while (*list && *list != ':' && n + 1 < sizeof path) {
      if (*list == '\\' && list[1]) ++list;
      path[n++] = *list++;
    }
    path[n] = '\0';
    if (*list == ':') ++list;
    if (::fsconfig(context, FSCONFIG_SET_STRING, "lowerdir+", path, 0) < 0) return false;
  }
  return true;
}

bool set_option(int context, const char* option, bool overlay) {
  const char* equals = std::strchr(option, '=');
  if (!equals) return ::fsconfig(context, FSCONFIG_SET_FLAG, option, nullptr, 0) == 0;
  char key[64];
  const std::size_t size = static_cast<std::size_t>(equals - option);
  if (size >= sizeof key) return errno = EINVAL, false;
  std::memcpy(key, option, size);
  key[size] = '\0';
  if (overlay && !std::strcmp(key, "lowerdir")) return add_lower_directories(context, equals + 1);
  return ::fsconfig(context, FSCONFIG_SET_STRING, key, equals + 1, 0) == 0;
}

bool configure(const PlanView& plan, const PlanMount& mount, int context) {
  const bool overlay = !std::strcmp(plan.string(mount.type), "overlay");
  const char* source = plan.string(mount.source);
  if (*source && ::fsconfig(context, FSCONFIG_SET_STRING, "source", source, 0) < 0) return false;
  for (const Slice option : plan.strings(mount.options))
    if (!set_option(context, plan.string(option), overlay)) return false;
  const char* label = context_of(plan, plan.string(mount.type));
  if (*label && ::fsconfig(context, FSCONFIG_SET_STRING, "context", label, 0) < 0) return false;
  return ::fsconfig(context, FSCONFIG_CMD_CREATE, nullptr, nullptr, 0) == 0;
}

unsigned long classic_flags(std::uint32_t attr) {
  unsigned long flags = 0;
  if (attr & MOUNT_ATTR_RDONLY) flags |= MS_RDONLY;
  if (attr & MOUNT_ATTR_NOSUID) flags |= MS_NOSUID;
  if (attr & MOUNT_ATTR_NODEV) flags |= MS_NODEV;
  if (attr & MOUNT_ATTR_NOEXEC) flags |= MS_NOEXEC;
  if (attr & MOUNT_ATTR_NODIRATIME) flags |= MS_NODIRATIME;
  if ((attr & MOUNT_ATTR__ATIME) == MOUNT_ATTR_NOATIME) flags |= MS_NOATIME;
  if ((attr & MOUNT_ATTR__ATIME) == MOUNT_ATTR_STRICTATIME) flags |= MS_STRICTATIME;
  return flags;
}

/// The part that all lower directories share, up to a '/': mount(2) takes one page of options, so with many layers we
/// go there and name them relatively.
std::size_t shared_directory(const char* list) {
  std::size_t shared = 0;
  for (const char* p = list; *p && *p != ':'; ++p)
    if (*p == '/') shared = static_cast<std::size_t>(p - list) + 1;
  for (const char* item = std::strchr(list, ':'); item && shared; item = std::strchr(item + 1, ':')) {
    std::size_t same = 0;
    while (same < shared && item[1 + same] == list[same]) ++same;
    while (same && list[same - 1] != '/') --same;
    shared = same;
  }
  return shared;
}

/// Appends "lowerdir=a:b" with names relative to the directory of the first `skip` bytes, and goes there.
void append_lower_relative(char* data, std::size_t size, const char* list) {
  const std::size_t skip = shared_directory(list);
  char directory[PATH_MAX];
  std::snprintf(directory, sizeof directory, "%.*s", static_cast<int>(skip), list);
  if (skip && ::chdir(directory) < 0) fail(errno, "open %s", directory);
  std::strncat(data, "lowerdir=", size - std::strlen(data) - 1);
  for (const char* item = list; item; item = std::strchr(item, ':')) {
    if (*item == ':') ++item, std::strncat(data, ":", size - std::strlen(data) - 1);
    const char* end = std::strchr(item, ':');
    const std::size_t length = (end ? static_cast<std::size_t>(end - item) : std::strlen(item)) - skip;
    const std::size_t room = size - std::strlen(data) - 1;
    if (length > room) fail(E2BIG, "mount overlay: options exceed one page");
    std::strncat(data, item + skip, length);
  }
}

} // namespace

int make_filesystem(const PlanView& plan, const PlanMount& mount) {
  const char* type = plan.string(mount.type);
  if (!std::strcmp(type, "overlay") && !has_single_lower_directories()) return -1;
  const int context = ::fsopen(type, FSOPEN_CLOEXEC);
  if (context < 0 && errno == ENOSYS) return -1;
  if (context < 0) fail(errno, "open filesystem \"%s\"", type);
  if (!configure(plan, mount, context)) {
    const int err = errno;
    ::close(context);
    if (err == EINVAL || err == EOPNOTSUPP) return -1;
    fail(err, "mount %s at \"%s\"", type, plan.string(mount.target));
  }
  const int fd = ::fsmount(context, FSMOUNT_CLOEXEC, mount.attr_set);
  if (fd < 0) fail(errno, "mount %s at \"%s\"", type, plan.string(mount.target));
  ::close(context);
  label_root(plan, mount, fd);
  return fd;
}

void mount_classically(const PlanView& plan, const PlanMount& mount, int target) {
  const std::size_t size = static_cast<std::size_t>(::getpagesize());
  char* data = static_cast<char*>(std::calloc(1, size));
  if (!data) fail(ENOMEM, "mount");
  char where[64];
  std::snprintf(where, sizeof where, "/proc/self/fd/%d", target);
  bool first = true;
  for (const Slice slice : plan.strings(mount.options)) {
    const char* option = plan.string(slice);
    if (!first) std::strncat(data, ",", size - std::strlen(data) - 1);
    first = false;
    if (!std::strncmp(option, "lowerdir=", 9)) {
      append_lower_relative(data, size, option + 9);
      continue;
    }
    if (std::strlen(data) + std::strlen(option) + 2 > size)
      fail(E2BIG, "mount %s: options exceed one page", plan.string(mount.type));
    std::strcat(data, option);
  }
  const ContextOption context(plan, plan.string(mount.type));
  if (std::strlen(data) + std::strlen(context.text) + 2 > size)
    fail(E2BIG, "mount %s: options exceed one page", plan.string(mount.type));
  if (*context.text && !first) std::strcat(data, ",");
  std::strcat(data, context.text);
  const char* source = plan.string(mount.source);
  if (::mount(*source ? source : "none", where, plan.string(mount.type), classic_flags(mount.attr_set), data) < 0)
    fail(errno, "mount %s at \"%s\" (options \"%.256s\")", plan.string(mount.type), plan.string(mount.target), data);
  std::free(data);
}

} // namespace gantry::runtime_linux::init
