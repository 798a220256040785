#include <sys/stat.h>
#include <unistd.h>

#include "overlay_driver.hpp"
#include "quota-common/project_quota.hpp"
#include "system_error.hpp"

// New snapshots. This lies on the path of container start: a few mkdir calls, no reading, no syncing.
namespace gantry::storage_overlay {
namespace {

void make_directory(const std::string& path, mode_t mode) {
  if (::mkdir(path.c_str(), mode) != 0) throw system_error("cannot create '" + path + "'", errno);
}

void limit(const std::string& path, std::uint64_t bytes) {
  if (quota::limit_tree(path, bytes) != 0) return;
  // Docker's words; ext4 with the option prjquota will do as well.
  throw Error(Code::not_implemented, "--storage-opt is supported only for overlay over xfs with 'pquota' mount option");
}

} // namespace

/// Metadata comes last: a directory without it is the rest of a crash.
void OverlayDriver::make_snapshot(const std::string& key, const Snapshot& snapshot, std::uint64_t quota_bytes) {
  check_id(key);
  index_.insert(key, snapshot);
  try {
    trash_.throw_away(layout_.snapshot(key));
    make_directory(layout_.snapshot(key), 0700);
    // Before there is anything in it: overlayfs moves files from one of the two directories to the other, which must be of one
    // project.
    if (quota_bytes != 0) limit(layout_.snapshot(key), quota_bytes);
    if (snapshot.kind == SnapshotKind::active) make_directory(layout_.work(key), 0700);
    if (snapshot.kind == SnapshotKind::active || snapshot.parent.empty()) {
      make_directory(layout_.fs(key), 0755);
      // Whatever the umask, the root of a container is open to its users.
      if (::chmod(layout_.fs(key).c_str(), 0755) != 0) throw system_error("cannot create '" + layout_.fs(key) + "'", errno);
    }
    write_meta(layout_, key, key, snapshot);
  } catch (...) {
    index_.erase(key);
    quota::forget_own_limit(layout_.snapshot(key));
    trash_.throw_away(layout_.snapshot(key));
    throw;
  }
}

std::vector<Mount> OverlayDriver::prepare(Call&, const std::string& key, const std::string& parent,
                                          const SnapshotOptions& options) {
  const Snapshot snapshot{SnapshotKind::active, parent, ""};
  make_snapshot(key, snapshot, options.quota_bytes);
  return describe(key, snapshot);
}

std::vector<Mount> OverlayDriver::view(Call&, const std::string& key, const std::string& parent) {
  const Snapshot snapshot{SnapshotKind::view, parent, ""};
  make_snapshot(key, snapshot);
  return describe(key, snapshot);
}

} // namespace gantry::storage_overlay
