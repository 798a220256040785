#include "files/copy_tree.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "files/earlier_links.hpp"
#include "files/open.hpp"
#include "files/set_mode.hpp"
#include "files/xattrs.hpp"

namespace gantry::files {
namespace {

constexpr mode_t permission_bits = 07777;
constexpr int deepest_copy = 1000;

class TreeCopy {
 public:
  explicit TreeCopy(EarlierLinks& links) : links_(links) {}
  void directory(int from, int to, const std::string& prefix, int depth) {
    if (depth > deepest_copy) throw invalid("'" + prefix + "' is nested too deeply");
    for (const auto& name : names_in(from)) entry(from, to, name, prefix, depth);
  }

  void entry(int from, int to, const std::string& name, const std::string& prefix, int depth) {
    struct stat info {};
    if (!stat_child(from, name, info)) return;
    const std::string path = prefix + name;
    if (links_.link(info, to, name, path)) return;
    if (S_ISDIR(info.st_mode)) {
      if (::mkdirat(to, name.c_str(), 0700) != 0) throw os_error("create '" + path + "'", errno);
      const UniqueFd inside = open_child(from, name, O_RDONLY | O_DIRECTORY);
      const UniqueFd copy = open_child(to, name, O_RDONLY | O_DIRECTORY);
      if (!inside || !copy) throw os_error("open '" + path + "'", errno);
      directory(inside.get(), copy.get(), path + "/", depth + 1);
    } else if (S_ISREG(info.st_mode)) {
      file(from, to, name, path);
    } else if (S_ISLNK(info.st_mode)) {
      link(from, to, name, path, info);
    } else if (!S_ISSOCK(info.st_mode)) {
      if (::mknodat(to, name.c_str(), info.st_mode, info.st_rdev) != 0) throw os_error("create '" + path + "'", errno);
    } else {
      return;
    }
    attributes(from, to, name, path, info);
  }

 private:
  void file(int from, int to, const std::string& name, const std::string& path) {
    // A container may have put a device in its place: that is not opened.
    const UniqueFd place = open_child(from, name, O_PATH);
    struct stat found {};
    if (!place || ::fstat(place.get(), &found) != 0 || !S_ISREG(found.st_mode))
      throw invalid("'" + path + "' is no file any more");
    const UniqueFd in(::open(("/proc/self/fd/" + std::to_string(place.get())).c_str(), O_RDONLY | O_CLOEXEC));
    const UniqueFd out(::openat(to, name.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
    if (!in || !out) throw os_error("copy '" + path + "'", errno);
    // Shares the blocks where the file system can.
    for (;;) {
      const ssize_t n = ::copy_file_range(in.get(), nullptr, out.get(), nullptr, 1U << 30, 0);
      if (n > 0) continue;
      if (n == 0) return;
      if (errno != EXDEV && errno != EINVAL && errno != EOPNOTSUPP && errno != ENOSYS)
        throw os_error("copy '" + path + "'", errno);
      break;
    }
    read_and_write(in.get(), out.get(), path);
  }

  void read_and_write(int in, int out, const std::string& path) {
    if (buffer_.empty()) buffer_.resize(256 << 10);
    for (;;) {
      const ssize_t n = ::read(in, buffer_.data(), buffer_.size());
      if (n < 0 && errno == EINTR) continue;
      if (n < 0) throw os_error("copy '" + path + "'", errno);
      if (n == 0) return;
      for (ssize_t done = 0; done < n;) {
        const ssize_t written = ::write(out, buffer_.data() + done, static_cast<std::size_t>(n - done));
        if (written < 0 && errno != EINTR) throw os_error("copy '" + path + "'", errno);
        done += std::max<ssize_t>(written, 0);
      }
    }
  }

  static void link(int from, int to, const std::string& name, const std::string& path, const struct stat& info) {
    std::string target(static_cast<std::size_t>(info.st_size) + 1, '\0');
    const ssize_t size = ::readlinkat(from, name.c_str(), target.data(), target.size());
    if (size < 0) throw os_error("read the link '" + path + "'", errno);
    target.resize(static_cast<std::size_t>(size));
    if (::symlinkat(target.c_str(), to, name.c_str()) != 0) throw os_error("create '" + path + "'", errno);
  }

  static void attributes(int from, int to, const std::string& name, const std::string& path, const struct stat& info) {
    if (::fchownat(to, name.c_str(), info.st_uid, info.st_gid, AT_SYMLINK_NOFOLLOW) != 0)
      throw os_error("own '" + path + "'", errno);
    // After chown, which takes away setuid bits and file capabilities.
    if (!S_ISLNK(info.st_mode) && set_mode(to, name, info.st_mode & permission_bits) != 0)
      throw os_error("set the mode of '" + path + "'", errno);
    set_xattrs(to, name, xattrs_of(from, name));
    const timespec times[] = {info.st_atim, info.st_mtim};
    if (::utimensat(to, name.c_str(), times, AT_SYMLINK_NOFOLLOW) != 0) throw os_error("set the times of '" + path + "'", errno);
  }

  EarlierLinks& links_;
  std::vector<char> buffer_;
};

} // namespace

void copy_attributes(int from, const struct stat& info, int to) {
  if (::fchown(to, info.st_uid, info.st_gid) != 0) throw os_error("set an owner", errno);
  if (::fchmod(to, info.st_mode & permission_bits) != 0) throw os_error("set a mode", errno);
  set_xattrs(to, ".", xattrs_of(from, "."));
  const timespec times[] = {info.st_atim, info.st_mtim};
  if (::futimens(to, times) != 0) throw os_error("set times", errno);
}

void copy_entry(int from, int to, const std::string& name, const std::string& path, EarlierLinks& links) {
  TreeCopy(links).entry(from, to, name, path.substr(0, path.size() - name.size()), 0);
}

void copy_tree(int from, int to) {
  EarlierLinks links(to);
  TreeCopy(links).directory(from, to, "", 0);
  struct stat info {};
  if (::fstat(from, &info) != 0) throw os_error("look at a directory", errno);
  copy_attributes(from, info, to);
}

} // namespace gantry::files
