#include "containers/subpaths.hpp"

#include <fcntl.h>
#include <linux/openat2.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>

#include "base/error.hpp"
#include "base/file.hpp"
#include "base/log.hpp"

namespace gantry::containers {
namespace {

void hide(const std::string& path) {
  (void)::umount2(path.c_str(), MNT_DETACH | UMOUNT_NOFOLLOW);
  // A directory, or the file that a file was shown on; never what it shows, for that is unmounted.
  if (::rmdir(path.c_str()) != 0 && ::unlink(path.c_str()) != 0) log::warn("remove " + path + ": it is still there");
}

/// An empty thing of the same kind to mount on.
std::string make_place(const std::string& directory, bool for_directory) {
  make_directories(directory, 0700);
  std::string path = directory + "/XXXXXX";
  if (for_directory) {
    if (::mkdtemp(path.data()) == nullptr) throw os_error("create " + path, errno);
  } else {
    const UniqueFd file(::mkostemp(path.data(), O_CLOEXEC));
    if (!file) throw os_error("create " + path, errno);
  }
  return path;
}

} // namespace

UniqueFd open_subpath(const std::string& root, const MountPoint& point) {
  const UniqueFd directory(::open(root.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (!directory) throw os_error("open volume " + point.name, errno);
  open_how how{};
  how.flags = O_PATH | O_CLOEXEC;
  how.resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS;
  UniqueFd fd(static_cast<int>(::syscall(SYS_openat2, directory.get(), point.subpath.c_str(), &how, sizeof how)));
  if (fd) return fd;
  const int error = errno;
  const std::string where = "cannot access path " + point.subpath + " of " + point.type + " " + point.name;
  if (error == ENOENT) throw not_found(where + ": no such file or directory");
  if (error == EXDEV || error == ELOOP) throw invalid(where + ": it leads out of the " + point.type);
  throw os_error(where, error);
}

Shown show(const std::string& directory, UniqueFd fd) {
  UniqueFd tree(::open_tree(fd.get(), "", OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_EMPTY_PATH | AT_RECURSIVE));
  if (!tree) throw os_error("bind a subpath", errno);
  return show_tree(directory, std::move(tree));
}

Shown show_tree(const std::string& directory, UniqueFd tree) {
  struct stat info {};
  if (::fstat(tree.get(), &info) != 0) throw os_error("look at a subpath", errno);
  const std::string path = make_place(directory, S_ISDIR(info.st_mode));
  Shown shown{path, std::shared_ptr<UniqueFd>(new UniqueFd(std::move(tree)), [path](UniqueFd* held) {
                hide(path);
                delete held;
              })};
  if (::move_mount(shown.held->get(), "", AT_FDCWD, path.c_str(), MOVE_MOUNT_F_EMPTY_PATH) != 0)
    throw os_error("bind a subpath to " + path, errno);
  return shown;
}

void hide_all(const std::string& directory) {
  std::error_code error;
  for (const auto& item : std::filesystem::directory_iterator(directory, error)) hide(item.path());
}

} // namespace gantry::containers
