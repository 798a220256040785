#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>
#include <vector>

namespace gantry::files {

/// An entry without content.
struct TarItem {
  std::string path;   ///< "etc/mtab"
  char kind;          ///< '0' file, '2' symbolic link, '5' directory (POSIX' typeflags)
  std::string target; ///< of a link
  mode_t mode = 0755;
};

/// Copies an uncompressed tar from the pipe `in` to `out` and adds at its end those of `items` that it does not have, owned by
/// root. Paths and targets of items are shorter than 100 bytes. Throws invalid for what is no tar.
void copy_tar_with(int in, int out, const std::vector<TarItem>& items, std::int64_t mtime_s);

} // namespace gantry::files
