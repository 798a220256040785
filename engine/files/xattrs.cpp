#include "files/xattrs.hpp"

#include <sys/xattr.h>
#include <unistd.h>

#include <cerrno>

#include "base/error.hpp"

namespace gantry::files {
namespace {

/// Calls `read` until the answer fits; empty when there is none.
template <class Read>
std::string read_sized(Read read) {
  const ssize_t size = read(nullptr, 0);
  if (size <= 0) return {};
  std::string value(static_cast<std::size_t>(size), '\0');
  const ssize_t got = read(value.data(), value.size());
  value.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
  return value;
}

/// What overlayfs keeps for itself means nothing elsewhere, and could mean something wrong. An SELinux label belongs to a place,
/// not to a content.
bool is_reserved(const std::string& key) {
  return key.starts_with("trusted.overlay.") || key.starts_with("user.overlay.") || key == "security.selinux";
}

void enter(int directory) {
  if (::fchdir(directory) != 0) throw os_error("enter a directory", errno);
}

} // namespace

Xattrs xattrs_of(int directory, const std::string& name) {
  enter(directory);
  Xattrs xattrs;
  const std::string keys = read_sized([&](char* data, std::size_t size) { return ::llistxattr(name.c_str(), data, size); });
  for (std::size_t at = 0; at < keys.size();) {
    std::string key(keys.c_str() + at);
    at += key.size() + 1;
    if (is_reserved(key)) continue;
    std::string value =
        read_sized([&](char* data, std::size_t size) { return ::lgetxattr(name.c_str(), key.c_str(), data, size); });
    xattrs.emplace_back(std::move(key), std::move(value));
  }
  return xattrs;
}

void set_xattrs(int directory, const std::string& name, const Xattrs& xattrs) {
  if (xattrs.empty()) return;
  enter(directory);
  for (const auto& [key, value] : xattrs) {
    if (is_reserved(key) || ::lsetxattr(name.c_str(), key.c_str(), value.data(), value.size(), 0) == 0) continue;
    // user.* exists on files and directories only (xattr(7)), and not every file system has every namespace.
    if (errno != ENOTSUP && errno != EPERM) throw os_error("set attribute " + key + " of '" + name + "'", errno);
  }
}

} // namespace gantry::files
