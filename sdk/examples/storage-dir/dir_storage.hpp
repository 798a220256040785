#pragma once

#include <string>
#include <utility>
#include <vector>

#include <gantry/sdk/storage.hpp>

/// Every snapshot is a complete copy of its parent's tree. No tars: a driver without apply and diff is a valid one.
///
///   <state_dir>/snapshots/<id>/tree/    the files
///   <state_dir>/snapshots/<id>/info     "<kind> <parent>"
///   <state_dir>/new/<id>/               being made; a rename makes it visible
class DirStorage final : public gantry::StorageDriver {
 public:
  DirStorage(gantry::Host& host, const std::string& config_json);

  std::string name() override { return "dir"; }
  std::vector<std::pair<std::string, std::string>> status() override { return {{"Root Dir", root_}}; }
  std::vector<gantry::Mount> prepare(gantry::Call&, const std::string& key, const std::string& parent,
                                     const gantry::SnapshotOptions&) override;
  std::vector<gantry::Mount> view(gantry::Call&, const std::string& key, const std::string& parent) override;
  std::vector<gantry::Mount> mounts(gantry::Call&, const std::string& key) override;
  void commit(gantry::Call&, const std::string& name, const std::string& key, const std::string& parent) override;
  void remove(gantry::Call&, const std::string& id) override;
  std::optional<gantry::SnapshotInfo> stat(gantry::Call&, const std::string& id) override;
  std::vector<gantry::SnapshotInfo> list(gantry::Call&) override;
  gantry::DiskUsage usage(gantry::Call&, const std::string& id) override;
  void reconcile(gantry::Call&, const std::vector<std::string>& live_keys) override;

 private:
  std::string directory(const std::string& id) const { return root_ + "/snapshots/" + id; }
  std::optional<gantry::SnapshotInfo> find(const std::string& id) const;
  gantry::SnapshotInfo require(const std::string& id) const;
  void make(const gantry::SnapshotInfo& info);
  std::vector<gantry::Mount> mounts_of(const gantry::SnapshotInfo& info) const;

  gantry::Host& host_;
  std::string root_;
  std::string reflink_ = "auto";
};
