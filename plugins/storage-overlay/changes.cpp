#include <fcntl.h>

#include <algorithm>

#include "directory.hpp"
#include "merged_directory.hpp"
#include "overlay_driver.hpp"
#include "system_error.hpp"

// What `docker diff` shows: the upper directory against what the layers below it show.
namespace gantry::storage_overlay {
namespace {

/// A directory is copied up as soon as something inside changes; then it is not modified itself.
bool same_directory(const struct stat& a, const struct stat& b) {
  return a.st_mode == b.st_mode && a.st_uid == b.st_uid && a.st_gid == b.st_gid && a.st_mtim.tv_sec == b.st_mtim.tv_sec &&
         a.st_mtim.tv_nsec == b.st_mtim.tv_nsec;
}

class Comparison {
 public:
  void compare(int upper, const MergedDirectory& lower, const std::string& prefix, int depth) {
    check_depth(depth);
    for (const auto& name : names_in(upper)) {
      struct stat info {};
      if (stat_child(upper, name, info)) compare_entry(upper, name, info, lower, prefix + name, depth);
    }
  }
  std::vector<Change> changes;

 private:
  void compare_entry(int upper, const std::string& name, const struct stat& info, const MergedDirectory& lower,
                     const std::string& path, int depth) {
    MergedEntry old;
    const bool existed = find_merged(lower, name, old);
    if (is_whiteout(info)) {
      if (existed) changes.push_back({path, ChangeKind::deleted});
      return;
    }
    const std::size_t own = changes.size();
    changes.push_back({path, existed ? ChangeKind::modified : ChangeKind::added});
    if (!S_ISDIR(info.st_mode)) return;
    const bool was_directory = existed && S_ISDIR(old.info.st_mode);
    compare_directory(upper, name, was_directory ? open_merged(lower, name, old.layer) : MergedDirectory(), path, depth);
    const bool untouched = was_directory && same_directory(info, old.info) && changes.size() == own + 1;
    if (untouched) changes.pop_back();
  }

  void compare_directory(int parent, const std::string& name, const MergedDirectory& lower, const std::string& path, int depth) {
    const UniqueFd dir = open_child(parent, name, O_RDONLY | O_DIRECTORY);
    if (!dir && errno == ENOENT) return;
    if (!dir) throw system_error("cannot open directory '" + path + "'", errno);
    if (is_opaque(dir.get())) report_hidden(dir.get(), lower, path);
    compare(dir.get(), lower, path + "/", depth + 1);
  }

  void report_hidden(int dir, const MergedDirectory& lower, const std::string& path) {
    for (const auto& entry : list_merged(lower)) {
      struct stat info {};
      if (!stat_child(dir, entry.name, info)) changes.push_back({path + "/" + entry.name, ChangeKind::deleted});
    }
  }
};

} // namespace

std::vector<Change> OverlayDriver::changes(Call&, const std::string& key) {
  const Snapshot snapshot = index_.get(key);
  if (snapshot.kind == SnapshotKind::view) return {};
  Comparison comparison;
  comparison.compare(open_directory(layout_.fs(key)).get(), open_lower(key), "/", 0);
  std::sort(comparison.changes.begin(), comparison.changes.end(),
            [](const Change& a, const Change& b) { return a.path < b.path; });
  return comparison.changes;
}

} // namespace gantry::storage_overlay
