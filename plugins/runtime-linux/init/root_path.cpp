#include "init/root_path.hpp"

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <cerrno>
#include <climits>
#include <cstring>

namespace gantry::runtime_linux::init {
namespace {

int open_at(int root, const char* path, int flags, std::uint64_t mode, std::uint64_t resolve) {
  while (*path == '/') ++path;
  open_how how{};
  how.flags = static_cast<std::uint64_t>(flags | O_CLOEXEC);
  how.mode = mode;
  how.resolve = resolve;
  long fd;
  // EAGAIN: a rename raced with "..": the kernel asks to try again.
  do fd = ::syscall(SYS_openat2, root, *path ? path : ".", &how, sizeof how);
  while (fd < 0 && (errno == EAGAIN || errno == EINTR));
  return fd < 0 ? -errno : static_cast<int>(fd);
}

/// One directory below `dir`, made when missing. A dangling symlink is an error, not a place to create something.
int enter_or_make(int root, const char* prefix) {
  int fd = open_in_root(root, prefix, O_DIRECTORY);
  if (fd != -ENOENT) return fd;
  char name[NAME_MAX + 1];
  const int parent = open_parent(root, prefix, name);
  if (parent < 0) return parent;
  const int made = ::mkdirat(parent, name, 0755) < 0 && errno != EEXIST ? -errno : 0;
  ::close(parent);
  return made < 0 ? made : open_in_root(root, prefix, O_DIRECTORY);
}

int make_file(int root, const char* path) {
  char name[NAME_MAX + 1];
  const int parent = open_parent(root, path, name);
  if (parent < 0) return parent;
  const int file = ::openat(parent, name, O_CREAT | O_EXCL | O_WRONLY | O_NOFOLLOW | O_CLOEXEC, 0644);
  const int err = file < 0 && errno != EEXIST ? -errno : 0;
  if (file >= 0) ::close(file);
  ::close(parent);
  return err < 0 ? err : open_in_root(root, path, 0);
}

} // namespace

int open_in_root(int root, const char* path, int flags) {
  return open_at(root, path, flags | O_PATH, 0, RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS);
}

int open_file_in_root(int root, const char* path) {
  return open_at(root, path, O_RDONLY | O_NONBLOCK | O_NOCTTY, 0, RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS);
}

int open_plainly(int root, const char* path, int flags) {
  return open_at(root, path, flags, 0, RESOLVE_IN_ROOT | RESOLVE_NO_SYMLINKS);
}

int open_parent(int root, const char* path, char* name) {
  std::size_t end = std::strlen(path);
  while (end && path[end - 1] == '/') --end;
  std::size_t begin = end;
  while (begin && path[begin - 1] != '/') --begin;
  if (end == begin || end - begin > NAME_MAX || begin >= PATH_MAX) return -EINVAL;
  std::memcpy(name, path + begin, end - begin);
  name[end - begin] = '\0';
  if (!std::strcmp(name, "..") || !std::strcmp(name, ".")) return -EINVAL;
  char parent[PATH_MAX];
  std::memcpy(parent, path, begin);
  parent[begin] = '\0';
  return enter_or_make(root, parent);
}

int make_mountpoint(int root, const char* path, bool directory) {
  const int fd = open_in_root(root, path, 0);
  if (fd != -ENOENT) return fd;
  return directory ? enter_or_make(root, path) : make_file(root, path);
}

bool on_filesystem(int fd, std::int64_t magic) {
  struct statfs info {};
  return ::fstatfs(fd, &info) == 0 && info.f_type == magic;
}

} // namespace gantry::runtime_linux::init
