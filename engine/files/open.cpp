#include "files/open.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <memory>

#include "base/error.hpp"

namespace gantry::files {
namespace {

struct CloseDir {
  void operator()(DIR* dir) const { ::closedir(dir); }
};

} // namespace

UniqueFd open_in_root(int root, const std::string& path, int flags) {
  open_how how{};
  how.flags = static_cast<std::uint64_t>(flags | O_CLOEXEC);
  how.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS;
  // EAGAIN: something was renamed or mounted while the kernel looked (openat2(2)). A container that does nothing but rename
  // must not keep the daemon busy for ever.
  for (int attempt = 0;; ++attempt) {
    const long fd = ::syscall(SYS_openat2, root, path.empty() ? "." : path.c_str(), &how, sizeof how);
    if (fd >= 0 || (errno != EINTR && errno != EAGAIN) || attempt == 1000) return UniqueFd(static_cast<int>(fd));
  }
}

UniqueFd open_child(int directory, const std::string& name, int flags) {
  return UniqueFd(::openat(directory, name.c_str(), flags | O_NOFOLLOW | O_CLOEXEC));
}

std::vector<std::string> names_in(int directory) {
  // A new description: the offset of `directory` is nobody's business, and fdopendir owns what it gets.
  UniqueFd copy(::openat(directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!copy) throw os_error("read a directory", errno);
  const std::unique_ptr<DIR, CloseDir> stream(::fdopendir(copy.get()));
  if (!stream) throw os_error("read a directory", errno);
  copy.release();
  std::vector<std::string> names;
  errno = 0;
  while (const dirent* entry = ::readdir(stream.get())) {
    std::string name = entry->d_name;
    if (name != "." && name != "..") names.push_back(std::move(name));
    errno = 0;
  }
  if (errno != 0) throw os_error("read a directory", errno);
  std::sort(names.begin(), names.end());
  return names;
}

bool stat_child(int directory, const std::string& name, struct stat& info) {
  if (::fstatat(directory, name.c_str(), &info, AT_SYMLINK_NOFOLLOW) == 0) return true;
  if (errno == ENOENT) return false;
  throw os_error("look at '" + name + "'", errno);
}

std::string clean_path(const std::string& path) {
  std::string clean = std::filesystem::path(path).lexically_normal();
  while (clean.size() > 1 && clean.back() == '/') clean.pop_back();
  if (clean.starts_with("//")) clean.erase(0, 1);
  return clean;
}

std::string parent_of(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  return slash == std::string::npos ? "" : path.substr(0, slash);
}

std::string last_name(const std::string& path) { return path.substr(path.rfind('/') + 1); }

} // namespace gantry::files
