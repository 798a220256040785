#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <gantry/sdk/error.hpp>
#include <gantry/sdk/host.hpp>
#include <gantry/sdk/mount.hpp>

// The storage driver: a snapshot model. A snapshot is *active* (named by a key, writable) or *committed* (named,
// read-only); only committed ones are parents. Names and keys: [a-zA-Z0-9][a-zA-Z0-9_.:-]*, at most 128 bytes, one
// namespace. Threading: [op], the host serialises per key.
// Optional: what has a body here. {apply, diff, export_tree, changes} come together or not at all; a driver without them
// cannot hold images.
namespace gantry {

enum class SnapshotKind : int { active, committed, view };

struct SnapshotInfo {
  std::string id;
  std::string parent; ///< empty for a base layer
  SnapshotKind kind = SnapshotKind::active;
};

struct SnapshotOptions {
  std::uint64_t quota_bytes = 0; ///< 0 = none; not_implemented when the driver cannot
};

struct DiskUsage {
  std::uint64_t bytes = 0;
  std::uint64_t inodes = 0;
};

struct AppliedLayer {
  std::string diff_id;     ///< "sha256:" + hex of the uncompressed tar as read
  std::uint64_t bytes = 0; ///< sum of the sizes of files and symbolic links
};

enum class ChangeKind : int { modified = 0, added = 1, deleted = 2 };

struct Change {
  std::string path; ///< absolute inside the container
  ChangeKind kind = ChangeKind::modified;
};

class StorageDriver {
 public:
  virtual ~StorageDriver() = default;

  /// Name in Docker's vocabulary ("overlay2") and key/value pairs for `docker info`'s DriverStatus.
  virtual std::string name() = 0;
  virtual std::vector<std::pair<std::string, std::string>> status() = 0;

  /// Makes an active snapshot. already_exists when the key is taken, not_found for the parent.
  virtual std::vector<Mount> prepare(Call&, const std::string& key, const std::string& parent, const SnapshotOptions&) = 0;
  /// A read-only snapshot of a parent, for inspection.
  virtual std::vector<Mount> view(Call&, const std::string& key, const std::string& parent) = 0;
  virtual std::vector<Mount> mounts(Call&, const std::string& key) = 0;
  /// Turns active `key` into committed `name` on top of `parent` (the chain is assembled here, so layers can be
  /// applied in parallel). Data is synced before the name becomes visible. Committing a name that exists with the same
  /// parent removes the key and is OK (two pulls of one layer).
  virtual void commit(Call&, const std::string& name, const std::string& key, const std::string& parent) = 0;
  /// Missing is OK; in_use when another snapshot has it as parent.
  virtual void remove(Call&, const std::string& id) = 0;
  virtual std::optional<SnapshotInfo> stat(Call&, const std::string& id) = 0;
  virtual std::vector<SnapshotInfo> list(Call&) = 0;
  virtual DiskUsage usage(Call&, const std::string& id) = 0;
  /// Deletes what a crash left behind and every active snapshot that is not in `live_keys`.
  virtual void reconcile(Call&, const std::vector<std::string>& live_keys) = 0;
  /// Host paths for `GraphDriver.Data` in inspect (LowerDir, MergedDir, UpperDir, WorkDir).
  virtual std::vector<std::pair<std::string, std::string>> graph_data(Call&, const std::string& /*id*/) {
    throw not_implemented_by_driver("graph_data");
  }

  /// Unpacks the uncompressed tar read from `in_fd` (until EOF) into active `key`; never needs the parent.
  /// invalid with the entry's name for a hostile or broken tar. The tar is untrusted.
  virtual AppliedLayer apply(Call&, const std::string& /*key*/, int /*in_fd*/) { throw not_implemented_by_driver("apply"); }
  /// Writes the difference of `id` to its parent as an OCI layer tar.
  virtual AppliedLayer diff(Call&, const std::string& /*id*/, int /*out_fd*/) { throw not_implemented_by_driver("diff"); }
  /// Writes the whole tree of `id` (merged with its parents) as a tar.
  virtual void export_tree(Call&, const std::string& /*id*/, int /*out_fd*/) { throw not_implemented_by_driver("export_tree"); }
  virtual std::vector<Change> changes(Call&, const std::string& /*key*/) { throw not_implemented_by_driver("changes"); }
};

} // namespace gantry
