#pragma once

#include <sys/types.h>
#include <time.h>

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include <gantry/sdk/fd.hpp>

// A layer's files as they come into being from an untrusted tar. Every path is resolved below the layer's root by the
// kernel (openat2 with RESOLVE_IN_ROOT): neither "..", nor a link that the tar itself planted, nor a hard link leads out.
namespace gantry::storage_overlay {

struct Attributes {
  mode_t mode = 0;
  uid_t uid = 0;
  gid_t gid = 0;
  timespec mtime{};
  std::vector<std::pair<std::string, std::string>> xattrs;
};

class LayerTree {
 public:
  explicit LayerTree(UniqueFd root) : root_(std::move(root)) {}

  void add_directory(const std::string& path, const Attributes&);
  /// `write` gets a descriptor to write the content to.
  void add_file(const std::string& path, const Attributes&, const std::function<void(int)>& write);
  void add_symlink(const std::string& path, const Attributes&, const std::string& target);
  /// Device or fifo, as the type bits of `mode` say.
  void add_special(const std::string& path, const Attributes&, dev_t device);
  void add_hardlink(const std::string& path, const std::string& target);
  /// Hides `path` of the layers below.
  void add_whiteout(const std::string& path);
  /// Hides whatever the directory holds in the layers below.
  void hide_below(const std::string& directory);
  /// Times of directories, which every entry inside them had changed.
  void finish();

 private:
  int open_parent(const std::string& path);
  UniqueFd open_or_make(const std::string& directory);
  void clear(int parent, const std::string& path);
  UniqueFd make_directory(int parent, const std::string& path);
  void set_attributes(int parent, const std::string& path, const Attributes&, int fd);
  [[noreturn]] void fail(const std::string& path, const std::string& what, int err) const;

  UniqueFd root_;
  // Tars list a directory's entries one after the other.
  std::string cached_path_;
  UniqueFd cached_;
  std::vector<std::pair<std::string, timespec>> directory_times_;
};

} // namespace gantry::storage_overlay
