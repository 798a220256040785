#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "stat.pb.h"

namespace gantry::buildkit {

/// Bits of Go's os.FileMode, in which files are described.
namespace mode {
constexpr std::uint32_t directory = 1u << 31, symlink = 1u << 27, device = 1u << 26, pipe = 1u << 25, socket = 1u << 24,
                        setuid = 1u << 23, setgid = 1u << 22, char_device = 1u << 21, sticky = 1u << 20, irregular = 1u << 19;
constexpr std::uint32_t type = directory | symlink | device | pipe | socket | char_device | irregular;
} // namespace mode

/// Whether the content of such a file can be asked for: both sides decide it alike.
bool has_content(const fsutil::types::Stat& stat);
/// The permissions and setuid, setgid and sticky bits as the kernel has them.
std::uint32_t unix_mode(std::uint32_t mode);
std::uint32_t go_mode(std::uint32_t unix_mode);

/// The order of a walk: names are compared one directory after the other. <0, 0, >0.
int compare_paths(const std::string& a, const std::string& b);

/// Watches over the files that a client names, one after the other: each in a directory that was named before, in the order of a
/// walk, relative, without "..", none of them twice and none below a link. Memory is bounded by the limits.
class Listing {
 public:
  static constexpr std::size_t files_max = 4'000'000, path_max = 4096, name_max = 255, depth_max = 512;
  static constexpr std::size_t links_bytes_max = 256 << 20;
  static constexpr std::size_t xattrs_max = 64, xattrs_bytes_max = 1 << 20;

  /// Throws std::runtime_error for what must not be; the file is one of the listing otherwise.
  void add(const fsutil::types::Stat& stat);
  std::size_t size() const { return size_; }

 private:
  struct Directory {
    std::string path, last; ///< `last`: the name of the file in it that came last
  };
  void check_link(const fsutil::types::Stat& stat);

  std::vector<Directory> open_{{"", ""}};
  std::set<std::string> files_; ///< that hard links can mean
  std::size_t size_ = 0, bytes_ = 0;
};

} // namespace gantry::buildkit
