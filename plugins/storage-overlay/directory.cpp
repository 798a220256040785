#include "directory.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <algorithm>
#include <memory>

#include "system_error.hpp"

namespace gantry::storage_overlay {
namespace {

constexpr const char* opaque_name = "trusted.overlay.opaque";

struct CloseDir {
  void operator()(DIR* dir) const { ::closedir(dir); }
};

} // namespace

UniqueFd open_directory(const std::string& path) {
  UniqueFd fd(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  if (!fd) throw system_error("cannot open directory '" + path + "'", errno);
  return fd;
}

UniqueFd open_in_root(int root, const std::string& path, int flags) {
  open_how how{};
  how.flags = static_cast<std::uint64_t>(flags | O_CLOEXEC);
  how.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS | RESOLVE_NO_XDEV;
  long fd = -1;
  // EAGAIN: something was renamed meanwhile (openat2(2)); nobody else works in the tree, so it passes.
  do {
    fd = ::syscall(SYS_openat2, root, path.empty() ? "." : path.c_str(), &how, sizeof how);
  } while (fd < 0 && (errno == EAGAIN || errno == EINTR));
  return UniqueFd(static_cast<int>(fd));
}

UniqueFd open_child(int dir, const std::string& name, int flags) {
  return UniqueFd(::openat(dir, name.c_str(), flags | O_NOFOLLOW | O_CLOEXEC));
}

std::vector<std::string> names_in(int dir) {
  // A new description: the offset of `dir` is nobody's business, and fdopendir owns what it gets.
  const int copy = ::openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (copy < 0) throw system_error("cannot read a directory", errno);
  std::unique_ptr<DIR, CloseDir> stream(::fdopendir(copy));
  if (!stream) {
    ::close(copy);
    throw system_error("cannot read a directory", errno);
  }
  std::vector<std::string> names;
  errno = 0;
  while (const dirent* entry = ::readdir(stream.get())) {
    const std::string name = entry->d_name;
    if (name != "." && name != "..") names.push_back(name);
    errno = 0;
  }
  if (errno != 0) throw system_error("cannot read a directory", errno);
  std::sort(names.begin(), names.end());
  return names;
}

std::vector<std::string> names_in(const std::string& path) { return names_in(open_directory(path).get()); }

bool stat_child(int dir, const std::string& name, struct stat& info) {
  if (::fstatat(dir, name.c_str(), &info, AT_SYMLINK_NOFOLLOW) == 0) return true;
  if (errno == ENOENT) return false;
  throw system_error("cannot look at '" + name + "'", errno);
}

bool is_whiteout(const struct stat& info) { return S_ISCHR(info.st_mode) && info.st_rdev == makedev(0, 0); }

bool is_opaque(int dir) {
  char value = 0;
  return ::fgetxattr(dir, opaque_name, &value, 1) == 1 && value == 'y';
}

void make_opaque(int dir) {
  if (::fsetxattr(dir, opaque_name, "y", 1, 0) != 0) throw system_error("cannot mark a directory as opaque", errno);
}

} // namespace gantry::storage_overlay
