#include "build/mounts/memory_files.hpp"

#include <fcntl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "base/error.hpp"
#include "base/file.hpp"
#include "build/mounts/tmpfs.hpp"

namespace gantry::build {
namespace {

UniqueFd tmpfs_for_secrets() {
  return make_tmpfs({{"noswap", ""}, {"mode", "0755"}}, MOUNT_ATTR_NODEV | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC);
}

} // namespace

void set_owner(const std::string& path, const FileOwner& owner) {
  if (::lchown(path.c_str(), owner.uid, owner.gid) != 0 || ::chmod(path.c_str(), owner.mode) != 0)
    throw os_error("set the owner of " + path, errno);
}

MemoryFiles::MemoryFiles(const std::string& directory) : shown_(containers::show_tree(directory, tmpfs_for_secrets())) {}

std::string MemoryFiles::new_path() { return shown_.path + "/" + std::to_string(next_++); }

std::string MemoryFiles::add_directory() {
  const std::string path = new_path();
  if (::mkdir(path.c_str(), 0755) != 0) throw os_error("make " + path, errno);
  set_owner(path, {0755, 0, 0});
  return path.substr(path.rfind('/') + 1);
}

std::string MemoryFiles::add(std::string_view content, const FileOwner& owner) {
  return add_named(std::to_string(next_++), content, owner);
}

std::string MemoryFiles::add_named(const std::string& name, std::string_view content, const FileOwner& owner) {
  std::string path = shown_.path + "/" + name;
  const UniqueFd file = open_file(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0600);
  while (!content.empty()) {
    const ssize_t n = ::write(file.get(), content.data(), content.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) throw os_error("write a secret", errno);
    content.remove_prefix(static_cast<std::size_t>(n));
  }
  set_owner(path, owner);
  return path;
}

} // namespace gantry::build
