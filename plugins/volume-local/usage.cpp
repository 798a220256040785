#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>
#include <set>

#include <fts.h>

#include "directory.hpp"
#include "usage.hpp"

namespace gantry::volume_local {

VolumeUsage measure(Call& call, const std::string& path) {
  std::string root = path;
  char* const roots[] = {root.data(), nullptr};
  // FTS_NOCHDIR: the working directory is the daemon's.
  FTS* tree = ::fts_open(roots, FTS_PHYSICAL | FTS_NOCHDIR, nullptr);
  if (tree == nullptr) throw system_error("read " + path, errno);
  VolumeUsage usage;
  std::set<std::pair<dev_t, ino_t>> seen;
  while (const FTSENT* entry = ::fts_read(tree)) {
    if (call.cancelled()) {
      ::fts_close(tree);
      throw Error(Code::cancelled, "cancelled while the volume was measured");
    }
    if (entry->fts_info == FTS_DP || entry->fts_info == FTS_DNR || entry->fts_info == FTS_ERR || entry->fts_info == FTS_NS)
      continue;
    const struct stat& info = *entry->fts_statp;
    if (info.st_nlink > 1 && !S_ISDIR(info.st_mode) && !seen.emplace(info.st_dev, info.st_ino).second) continue;
    ++usage.inodes;
    if (!S_ISDIR(info.st_mode)) usage.bytes += static_cast<std::uint64_t>(info.st_size);
  }
  ::fts_close(tree);
  return usage;
}

} // namespace gantry::volume_local
