#pragma once

#include <string>
#include <string_view>

#include "containers/subpaths.hpp"

namespace gantry::build {

struct FileOwner {
  mode_t mode = 0400;
  uid_t uid = 0;
  gid_t gid = 0;
};

/// Files that are never on a disk, for as long as this object lives: a tmpfs of their own, which swap does not get where the
/// kernel can promise that.
class MemoryFiles {
 public:
  /// Makes its place in `directory`.
  explicit MemoryFiles(const std::string& directory);

  /// Makes a file; its path, which can be bound from.
  std::string add(std::string_view content, const FileOwner& owner);
  std::string add_named(const std::string& name, std::string_view content, const FileOwner& owner);
  /// Makes a directory that everybody may enter; its name.
  std::string add_directory();
  /// A path that is not used yet, and what makes a socket there reachable.
  std::string new_path();
  const std::string& path() const { return shown_.path; }

 private:
  containers::Shown shown_;
  int next_ = 0;
};

/// Sets owner, then mode, of what is at a path that nobody else can change. Throws with the path.
void set_owner(const std::string& path, const FileOwner& owner);

} // namespace gantry::build
