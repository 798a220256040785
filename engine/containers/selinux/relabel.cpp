#include "containers/selinux/relabel.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <climits>
#include <cstdlib>

#include "base/error.hpp"
#include "files/open.hpp"

namespace gantry::containers::selinux {
namespace {

constexpr const char* attribute = "security.selinux";
/// A directory is open on every level; the daemon has descriptors for other things, too.
constexpr unsigned max_depth = 512;

/// Programs of the system would not find their files any more.
constexpr std::array<std::string_view, 25> system_paths = {
    "/",    "/bin",   "/boot",  "/dev", "/etc",     "/etc/passwd", "/etc/pki", "/etc/shadow", "/home",
    "/lib", "/lib64", "/media", "/opt", "/proc",    "/root",       "/run",     "/sbin",       "/srv",
    "/sys", "/tmp",   "/usr",   "/var", "/var/lib", "/var/log",    "/var/run"};

bool is_system_path(const std::string& path) {
  const char* home = std::getenv("HOME");
  return std::find(system_paths.begin(), system_paths.end(), path) != system_paths.end() || (home != nullptr && path == home);
}

/// The magic link is followed to the very file that is open, and no further: also to a symbolic link.
std::string proc_path(int fd) { return "/proc/self/fd/" + std::to_string(fd); }

std::string real_path(int fd) {
  char path[PATH_MAX];
  const ssize_t size = ::readlink(proc_path(fd).c_str(), path, sizeof path);
  if (size < 0) throw os_error("read where a mount's source is", errno);
  return {path, static_cast<std::size_t>(size)};
}

bool has_label(const std::string& file, const std::string& label) {
  char found[4096];
  const ssize_t size = ::getxattr(file.c_str(), attribute, found, sizeof found);
  if (size <= 0) return false;
  // The kernel counts the NUL at its end.
  return std::string(found, static_cast<std::size_t>(size)).c_str() == label;
}

void set_label(int fd, const std::string& label, const std::string& path) {
  const std::string file = proc_path(fd);
  if (has_label(file, label)) return;
  if (::setxattr(file.c_str(), attribute, label.c_str(), label.size() + 1, 0) == 0 || errno == ENOTSUP || errno == ENOENT) return;
  throw os_error("label '" + path + "'", errno);
}

void relabel_below(int directory, const std::string& label, const std::string& path, unsigned depth) {
  if (depth > max_depth) throw invalid("'" + path.substr(0, 256) + "…' is too deep to be labelled");
  for (const auto& name : files::names_in(directory)) {
    const std::string child_path = path + "/" + name;
    const UniqueFd child = files::open_child(directory, name, O_PATH);
    if (!child && errno == ENOENT) continue;
    struct stat info {};
    if (!child || ::fstat(child.get(), &info) != 0) throw os_error("open '" + child_path + "'", errno);
    set_label(child.get(), label, child_path);
    if (!S_ISDIR(info.st_mode)) continue;
    const UniqueFd inner(::openat(child.get(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!inner && errno == ENOENT) continue;
    if (!inner) throw os_error("open '" + child_path + "'", errno);
    relabel_below(inner.get(), label, child_path, depth + 1);
  }
}

} // namespace

void relabel(const std::string& path, const std::string& label) {
  const UniqueFd top(::open(path.c_str(), O_PATH | O_CLOEXEC));
  struct stat info {};
  if (!top || ::fstat(top.get(), &info) != 0) throw os_error("open '" + path + "'", errno);
  const std::string real = real_path(top.get());
  if (is_system_path(real)) throw invalid("SELinux relabeling of " + real + " is not allowed");
  set_label(top.get(), label, real);
  if (!S_ISDIR(info.st_mode)) return;
  const UniqueFd directory(::openat(top.get(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!directory) throw os_error("open '" + path + "'", errno);
  relabel_below(directory.get(), label, real, 0);
}

} // namespace gantry::containers::selinux
