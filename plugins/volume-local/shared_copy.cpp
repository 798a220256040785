#include "shared_copy.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <linux/openat2.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <map>
#include <memory>
#include <vector>

#include <gantry/sdk/error.hpp>
#include <gantry/sdk/fd.hpp>

#include "directory.hpp"

// By descriptors and without following links: containers may be writing to the original.
namespace gantry::volume_local {
namespace {

constexpr mode_t permission_bits = 07777;
constexpr int max_depth = 1000;

struct CloseDir {
  void operator()(DIR* dir) const { ::closedir(dir); }
};

std::vector<std::string> names_in(int directory, const std::string& path) {
  const int copy = ::openat(directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  const std::unique_ptr<DIR, CloseDir> stream(copy < 0 ? nullptr : ::fdopendir(copy));
  if (!stream) throw system_error("read '" + path + "'", errno);
  std::vector<std::string> names;
  while (const dirent* entry = ::readdir(stream.get())) {
    const std::string name = entry->d_name;
    if (name != "." && name != "..") names.push_back(name);
  }
  std::sort(names.begin(), names.end());
  return names;
}

UniqueFd open_child(int directory, const std::string& name, int flags) {
  return UniqueFd(::openat(directory, name.c_str(), flags | O_NOFOLLOW | O_CLOEXEC));
}

std::string below(std::string directory, const std::string& name) {
  if (!directory.empty()) directory += '/';
  return directory += name;
}

Error attribute_error(const std::string& name, const std::string& path, int err) {
  std::string what = "set attribute ";
  what += name;
  what += " of '";
  what += path;
  return system_error(what += "'", err);
}

/// Of what is open; what cannot be set here (a security module's label) is left out.
void copy_xattrs(int from, int to, const std::string& path) {
  const ssize_t size = ::flistxattr(from, nullptr, 0);
  if (size <= 0) return;
  std::string names(static_cast<std::size_t>(size), '\0');
  const ssize_t got = ::flistxattr(from, names.data(), names.size());
  for (ssize_t at = 0; at < got;) {
    const std::string name = names.c_str() + at;
    at += static_cast<ssize_t>(name.size()) + 1;
    std::vector<char> value(1 << 16); // XATTR_SIZE_MAX
    const ssize_t n = ::fgetxattr(from, name.c_str(), value.data(), value.size());
    if (n < 0 || ::fsetxattr(to, name.c_str(), value.data(), static_cast<std::size_t>(n), 0) == 0) continue;
    if (name.rfind("security.selinux", 0) != 0) throw attribute_error(name, path, errno);
  }
}

void copy_attributes(int from, int to, const struct stat& info, const std::string& path) {
  if (::fchown(to, info.st_uid, info.st_gid) != 0) throw system_error("own '" + path + "'", errno);
  if (::fchmod(to, info.st_mode & permission_bits) != 0) throw system_error("set the mode of '" + path + "'", errno);
  copy_xattrs(from, to, path);
  const timespec times[] = {info.st_atim, info.st_mtim};
  if (::futimens(to, times) != 0) throw system_error("set the times of '" + path + "'", errno);
}

class Copy {
 public:
  explicit Copy(int root) : root_(root) {}

  void directory(int from, int to, const std::string& path, int depth) {
    if (depth > max_depth) throw Error(Code::invalid, "'" + path + "' is nested too deeply");
    for (const auto& name : names_in(from, path)) entry(from, to, name, below(path, name), depth);
    struct stat info {};
    if (::fstat(from, &info) != 0) throw system_error("look at '" + path + "'", errno);
    copy_attributes(from, to, info, path);
  }

 private:
  /// The original is in use: what vanishes while it is copied was not there.
  static bool is_gone(int err) { return err == ENOENT || err == ENOTDIR || err == ELOOP; }

  void entry(int from, int to, const std::string& name, const std::string& path, int depth) {
    struct stat info {};
    if (::fstatat(from, name.c_str(), &info, AT_SYMLINK_NOFOLLOW) != 0) return; // gone meanwhile
    if (S_ISSOCK(info.st_mode) || link_to_earlier(info, to, name, path)) return;
    if (S_ISDIR(info.st_mode)) {
      const UniqueFd inside = open_child(from, name, O_RDONLY | O_DIRECTORY);
      if (!inside && is_gone(errno)) return;
      if (!inside) throw system_error("open '" + path + "'", errno);
      if (::mkdirat(to, name.c_str(), 0700) != 0) throw system_error("create '" + path + "'", errno);
      const UniqueFd copy = open_child(to, name, O_RDONLY | O_DIRECTORY);
      if (!copy) throw system_error("open '" + path + "'", errno);
      return directory(inside.get(), copy.get(), path, depth + 1);
    }
    if (S_ISREG(info.st_mode)) return file(from, to, name, path);
    if (S_ISLNK(info.st_mode)) {
      std::string target(4096, '\0'); // PATH_MAX
      const ssize_t size = ::readlinkat(from, name.c_str(), target.data(), target.size());
      if (size < 0 && (is_gone(errno) || errno == EINVAL)) return;
      if (size < 0) throw system_error("read the link '" + path + "'", errno);
      target.resize(static_cast<std::size_t>(size));
      if (::symlinkat(target.c_str(), to, name.c_str()) != 0) throw system_error("create '" + path + "'", errno);
    } else if (::mknodat(to, name.c_str(), info.st_mode, info.st_rdev) != 0) {
      throw system_error("create '" + path + "'", errno);
    }
    // In a directory that nobody knows yet a name stays what it is.
    if (::fchownat(to, name.c_str(), info.st_uid, info.st_gid, AT_SYMLINK_NOFOLLOW) != 0)
      throw system_error("own '" + path + "'", errno);
    if (!S_ISLNK(info.st_mode) && ::fchmodat(to, name.c_str(), info.st_mode & permission_bits, 0) != 0)
      throw system_error("set the mode of '" + path + "'", errno);
    const timespec times[] = {info.st_atim, info.st_mtim};
    (void)::utimensat(to, name.c_str(), times, AT_SYMLINK_NOFOLLOW);
  }

  static void file(int from, int to, const std::string& name, const std::string& path) {
    // A container may have put a device in its place: that is not opened.
    const UniqueFd place = open_child(from, name, O_PATH);
    struct stat info {};
    if (!place && is_gone(errno)) return;
    if (!place || ::fstat(place.get(), &info) != 0) throw system_error("open '" + path + "'", errno);
    if (!S_ISREG(info.st_mode)) return;
    const UniqueFd in(::open(("/proc/self/fd/" + std::to_string(place.get())).c_str(), O_RDONLY | O_CLOEXEC));
    if (!in) throw system_error("open '" + path + "'", errno);
    const UniqueFd out(::openat(to, name.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
    if (!out) throw system_error("create '" + path + "'", errno);
    if (::ioctl(out.get(), FICLONE, in.get()) != 0) throw system_error("share the blocks of '" + path + "'", errno);
    copy_attributes(in.get(), out.get(), info, path);
  }

  /// Of an inode with several names the first copy is kept by its name: descriptors would run out.
  bool link_to_earlier(const struct stat& info, int to, const std::string& name, const std::string& path) {
    if (S_ISDIR(info.st_mode) || info.st_nlink < 2) return false;
    const auto [first, fresh] = seen_.try_emplace({info.st_dev, info.st_ino}, path);
    if (fresh) return false;
    if (::linkat(root_, first->second.c_str(), to, name.c_str(), 0) == 0) return true;
    throw system_error("link '" + path + "'", errno);
  }

  int root_;
  std::map<std::pair<dev_t, ino_t>, std::string> seen_;
};

UniqueFd open_directory(const std::string& path) {
  UniqueFd fd(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  if (!fd) throw system_error("open " + path, errno);
  return fd;
}

} // namespace

void require_shared_blocks(const std::string& directory) {
  const UniqueFd one(::open(directory.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600));
  const UniqueFd two(::open(directory.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600));
  const std::vector<char> block(4096);
  if (one && two && ::write(one.get(), block.data(), block.size()) == 4096 && ::ioctl(two.get(), FICLONE, one.get()) == 0) return;
  if (errno == ENOSPC || errno == EDQUOT) throw system_error("write to " + directory, errno);
  throw Error(Code::not_implemented,
              "the file system of " + directory +
                  " cannot share blocks between files (XFS with reflink and Btrfs can); clone copies them");
}

void copy_shared(const std::string& from, const std::string& to) {
  const UniqueFd source = open_directory(from), target = open_directory(to);
  Copy(target.get()).directory(source.get(), target.get(), "", 0);
  if (::syncfs(target.get()) != 0) throw system_error("sync " + to, errno);
}

} // namespace gantry::volume_local
