#pragma once

#include <sys/stat.h>

#include <map>
#include <string>
#include <utility>

namespace gantry::files {

/// Where the first copy of every inode with several names is, while a tree is copied. Kept by name and not by descriptor, of
/// which a process has too few.
class EarlierLinks {
 public:
  explicit EarlierLinks(int root) : root_(root) {}
  /// Makes `name` in `to` a link to the first copy of the inode `info`. False when this is the first one, which is going to be at
  /// `path` below the root, or when it cannot be linked: then it is to be copied.
  bool link(const struct stat& info, int to, const std::string& name, const std::string& path);

 private:
  struct First {
    std::string path;
    nlink_t left; ///< names that are still to come
  };
  int root_;
  std::map<std::pair<dev_t, ino_t>, First> seen_;
};

} // namespace gantry::files
