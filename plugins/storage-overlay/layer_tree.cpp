#include "layer_tree.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <algorithm>
#include <system_error>

#include "directory.hpp"
#include "entry_path.hpp"
#include "system_error.hpp"
#include "trash.hpp"

namespace gantry::storage_overlay {
namespace {

constexpr mode_t permission_bits = 07777;

/// What the tar's author can be blamed for; the rest is the machine's.
bool is_authors_fault(int err) {
  return err == ENOTDIR || err == ELOOP || err == ENAMETOOLONG || err == ENOENT || err == EXDEV || err == EISDIR ||
         err == EEXIST || err == EINVAL || err == EFBIG || err == EPERM || err == ENOTEMPTY;
}

} // namespace

void LayerTree::fail(const std::string& path, const std::string& what, int err) const {
  const Code code = is_authors_fault(err) ? Code::invalid : code_of(err);
  throw Error(code, "entry " + quoted(path) + ": " + what + ": " + std::generic_category().message(err), err);
}

/// The directory of a path, made when missing. Links inside the layer are followed as in a container.
int LayerTree::open_parent(const std::string& path) {
  const std::string directory = parent_of(path);
  if (directory.empty()) return root_.get();
  if (cached_path_ != directory) {
    cached_ = open_or_make(directory);
    cached_path_ = directory;
  }
  return cached_.get();
}

UniqueFd LayerTree::open_or_make(const std::string& directory) {
  UniqueFd fd = open_in_root(root_.get(), directory, O_RDONLY | O_DIRECTORY);
  if (fd) return fd;
  if (errno != ENOENT && errno != ENOTDIR) fail(directory, "cannot open this directory", errno);
  const std::string above = parent_of(directory);
  const UniqueFd parent = above.empty() ? open_in_root(root_.get(), "", O_RDONLY | O_DIRECTORY) : open_or_make(above);
  if (!parent) fail(directory, "cannot open the directory above", errno);
  // Nobody says of when it is. A fixed time lets the same tar always make the same layer, which `system check` compares.
  directory_times_.emplace_back(directory, timespec{});
  return make_directory(parent.get(), directory);
}

/// A directory that is there stays. In place of a whiteout it must not show what the whiteout hid.
UniqueFd LayerTree::make_directory(int parent, const std::string& path) {
  const std::string name = last_name(path);
  struct stat old {};
  const bool hidden = stat_child(parent, name, old) && is_whiteout(old);
  if (hidden && ::unlinkat(parent, name.c_str(), 0) != 0) fail(path, "cannot replace a whiteout", errno);
  if (::mkdirat(parent, name.c_str(), 0755) != 0 && errno != EEXIST) fail(path, "cannot create this directory", errno);
  UniqueFd fd = open_child(parent, name, O_RDONLY | O_DIRECTORY);
  if (!fd) fail(path, "is not a directory", errno);
  if (hidden) make_opaque(fd.get());
  return fd;
}

/// Makes room: a later entry of the same name wins.
void LayerTree::clear(int parent, const std::string& path) {
  const std::string name = last_name(path);
  if (::unlinkat(parent, name.c_str(), 0) != 0) {
    if (errno == ENOENT) return;
    if (errno != EISDIR) fail(path, "cannot replace an earlier entry", errno);
    delete_now(parent, name);
  }
  cached_path_.clear(); // it may have led through what is gone; the descriptor stays open, `parent` may be it
}

void LayerTree::set_attributes(int parent, const std::string& path, const Attributes& attributes, int fd) {
  const std::string name = last_name(path);
  const bool link = S_ISLNK(attributes.mode);
  if (::fchownat(parent, name.c_str(), attributes.uid, attributes.gid, AT_SYMLINK_NOFOLLOW) != 0)
    fail(path, "cannot set its owner", errno);
  // After chown, which takes away setuid bits and file capabilities.
  if (!link && ::fchmodat(parent, name.c_str(), attributes.mode & permission_bits, 0) != 0)
    fail(path, "cannot set its mode", errno);
  const std::string proc = "/proc/self/fd/" + std::to_string(parent) + "/" + name;
  for (const auto& [key, value] : attributes.xattrs) {
    const int result = fd >= 0 ? ::fsetxattr(fd, key.c_str(), value.data(), value.size(), 0)
                               : ::lsetxattr(proc.c_str(), key.c_str(), value.data(), value.size(), 0);
    // user.* exists on files and directories only (xattr(7)), and not every filesystem has every namespace.
    const bool impossible = errno == ENOTSUP || (errno == EPERM && key.starts_with("user."));
    if (result != 0 && !impossible) fail(path, "cannot set its attribute " + quoted(key), errno);
  }
  const timespec times[] = {attributes.mtime, attributes.mtime};
  if (::utimensat(parent, name.c_str(), times, AT_SYMLINK_NOFOLLOW) != 0) fail(path, "cannot set its time", errno);
}

void LayerTree::add_directory(const std::string& path, const Attributes& attributes) {
  directory_times_.emplace_back(path, attributes.mtime);
  if (path.empty()) return set_attributes(root_.get(), ".", attributes, root_.get());
  const int parent = open_parent(path);
  struct stat old {};
  if (stat_child(parent, last_name(path), old) && !S_ISDIR(old.st_mode) && !is_whiteout(old)) clear(parent, path);
  const UniqueFd fd = make_directory(parent, path);
  set_attributes(parent, path, attributes, fd.get());
}

void LayerTree::add_file(const std::string& path, const Attributes& attributes, const std::function<void(int)>& write) {
  const int parent = open_parent(path);
  clear(parent, path);
  const UniqueFd fd(::openat(parent, last_name(path).c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
  if (!fd) fail(path, "cannot create this file", errno);
  write(fd.get());
  set_attributes(parent, path, attributes, fd.get());
}

void LayerTree::add_symlink(const std::string& path, const Attributes& attributes, const std::string& target) {
  const int parent = open_parent(path);
  clear(parent, path);
  if (::symlinkat(target.c_str(), parent, last_name(path).c_str()) != 0) fail(path, "cannot create this symbolic link", errno);
  set_attributes(parent, path, attributes, -1);
}

void LayerTree::add_special(const std::string& path, const Attributes& attributes, dev_t device) {
  const int parent = open_parent(path);
  clear(parent, path);
  if (::mknodat(parent, last_name(path).c_str(), attributes.mode, device) != 0)
    fail(path, "cannot create this device or fifo", errno);
  set_attributes(parent, path, attributes, -1);
}

void LayerTree::add_hardlink(const std::string& path, const std::string& target) {
  const UniqueFd target_parent = open_in_root(root_.get(), parent_of(target), O_RDONLY | O_DIRECTORY);
  struct stat info {};
  if (!target_parent || !stat_child(target_parent.get(), last_name(target), info)) {
    throw Error(Code::invalid,
                "entry " + quoted(path) + " is a hard link to " + quoted(target) + ", which this layer does not have");
  }
  const int parent = open_parent(path);
  struct stat old {};
  const bool same = stat_child(parent, last_name(path), old) && old.st_ino == info.st_ino && old.st_dev == info.st_dev;
  if (same) return;
  clear(parent, path);
  if (::linkat(target_parent.get(), last_name(target).c_str(), parent, last_name(path).c_str(), 0) != 0) {
    fail(path, "cannot make a hard link to " + quoted(target), errno);
  }
}

/// A whiteout hides lower layers only: what this layer itself has of that name stays.
void LayerTree::add_whiteout(const std::string& path) {
  const int parent = open_parent(path);
  struct stat own {};
  if (!stat_child(parent, last_name(path), own)) {
    if (::mknodat(parent, last_name(path).c_str(), S_IFCHR, 0) != 0) fail(path, "cannot create this whiteout", errno);
  } else if (S_ISDIR(own.st_mode)) {
    hide_below(path);
  }
}

void LayerTree::hide_below(const std::string& directory) {
  const UniqueFd fd = open_or_make(directory);
  make_opaque(fd.get());
}

void LayerTree::finish() {
  for (const auto& [path, mtime] : directory_times_) {
    const UniqueFd fd = open_in_root(root_.get(), path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
    const timespec times[] = {mtime, mtime};
    if (fd && ::futimens(fd.get(), times) != 0) fail(path, "cannot set its time", errno);
  }
}

} // namespace gantry::storage_overlay
