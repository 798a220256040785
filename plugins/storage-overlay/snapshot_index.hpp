#pragma once

#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "layout.hpp"

namespace gantry::storage_overlay {

/// Which snapshots there are, in memory: nothing on the path of container start reads a directory. Thread-safe.
class SnapshotIndex {
 public:
  /// Reads what is on disk. Directories without valid metadata are not listed.
  explicit SnapshotIndex(const Layout&);

  /// already_exists when the id is taken; not_found or failed_precondition for the parent. From here on the parent
  /// cannot be removed.
  void insert(const std::string& id, const Snapshot&);
  /// in_use when another snapshot stands on it.
  std::optional<Snapshot> erase(const std::string& id);
  /// Key `from` becomes `to` in one step.
  void replace(const std::string& from, const std::string& to, const Snapshot&);

  std::optional<Snapshot> find(const std::string& id) const;
  /// not_found.
  Snapshot get(const std::string& id) const;
  std::vector<SnapshotInfo> list() const;
  /// The snapshot's committed ancestors, nearest first, without itself.
  std::vector<std::pair<std::string, Snapshot>> ancestors(const std::string& id) const;

 private:
  void check_parent(const std::string& parent) const;

  mutable std::mutex mutex_;
  std::map<std::string, Snapshot> snapshots_;
};

} // namespace gantry::storage_overlay
