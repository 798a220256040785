#include <fcntl.h>
#include <sys/stat.h>

#include <set>

#include "directory.hpp"
#include "overlay_driver.hpp"
#include "system_error.hpp"

namespace gantry::storage_overlay {
namespace {

/// Sums a tree while its container may be changing it: what vanishes meanwhile does not count.
class UsageWalk {
 public:
  explicit UsageWalk(Call& call) : call_(call) {}
  void add_directory(int dir) {
    if (call_.cancelled()) throw Error(Code::cancelled, "cancelled while a tree was measured");
    for (const auto& name : names_in(dir)) {
      struct stat info {};
      if (stat_child(dir, name, info)) add(dir, name, info);
    }
  }
  DiskUsage total;

 private:
  void add(int dir, const std::string& name, const struct stat& info) {
    if (S_ISDIR(info.st_mode)) {
      ++total.inodes;
      const UniqueFd child = open_child(dir, name, O_RDONLY | O_DIRECTORY);
      if (child) return add_directory(child.get());
      if (errno != ENOENT && errno != ENOTDIR) throw system_error("cannot open directory '" + name + "'", errno);
      return;
    }
    if (info.st_nlink > 1 && !seen_.insert(info.st_ino).second) return;
    ++total.inodes;
    if (S_ISREG(info.st_mode) || S_ISLNK(info.st_mode)) total.bytes += static_cast<std::uint64_t>(info.st_size);
  }

  Call& call_;
  std::set<ino_t> seen_;
};

} // namespace

DiskUsage OverlayDriver::usage(Call& call, const std::string& id) {
  const Snapshot snapshot = index_.get(id);
  if (snapshot.kind == SnapshotKind::view) return {};
  return walks_.get(call, id, [&] {
    UsageWalk walk(call);
    walk.add_directory(open_directory(layout_.fs(id)).get());
    return walk.total;
  });
}

} // namespace gantry::storage_overlay
