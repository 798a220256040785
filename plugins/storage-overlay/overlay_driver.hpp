#pragma once

#include <string>
#include <utility>
#include <vector>

#include <gantry/sdk/storage.hpp>

#include "layout.hpp"
#include "snapshot_index.hpp"
#include "trash.hpp"
#include "usage-common/shared_walks.hpp"

namespace gantry::storage_overlay {

/// Snapshots as overlayfs layers (README.md). One verb per file. Mounts are described, never performed.
class OverlayDriver final : public StorageDriver {
 public:
  explicit OverlayDriver(Host&);

  std::string name() override { return "overlay2"; }
  std::vector<std::pair<std::string, std::string>> status() override;

  std::vector<Mount> prepare(Call&, const std::string& key, const std::string& parent, const SnapshotOptions&) override;
  std::vector<Mount> view(Call&, const std::string& key, const std::string& parent) override;
  std::vector<Mount> mounts(Call&, const std::string& key) override;
  void commit(Call&, const std::string& name, const std::string& key, const std::string& parent) override;
  void remove(Call&, const std::string& id) override;
  std::optional<SnapshotInfo> stat(Call&, const std::string& id) override;
  std::vector<SnapshotInfo> list(Call&) override;
  DiskUsage usage(Call&, const std::string& id) override;
  void reconcile(Call&, const std::vector<std::string>& live_keys) override;
  std::vector<std::pair<std::string, std::string>> graph_data(Call&, const std::string& id) override;

  AppliedLayer apply(Call&, const std::string& key, int in_fd) override;
  AppliedLayer diff(Call&, const std::string& id, int out_fd) override;
  void export_tree(Call&, const std::string& id, int out_fd) override;
  std::vector<Change> changes(Call&, const std::string& key) override;

 private:
  /// `quota_bytes` 0: no limit.
  void make_snapshot(const std::string& key, const Snapshot&, std::uint64_t quota_bytes = 0);
  std::string make_link(const std::string& id);
  Snapshot active(const std::string& key) const;
  /// Short paths of the layers below a snapshot, nearest first.
  std::vector<std::string> lower_links(const std::string& id) const;
  std::vector<Mount> describe(const std::string& id, const Snapshot&) const;
  /// Open directories of the layers below a snapshot, nearest first.
  std::vector<UniqueFd> open_lower(const std::string& id) const;

  Host& host_;
  Layout layout_;
  Trash trash_;
  SnapshotIndex index_;
  std::vector<std::string> mount_options_;
  usage::SharedWalks<DiskUsage> walks_;
};

} // namespace gantry::storage_overlay
