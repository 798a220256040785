#pragma once

#include <set>
#include <string>

#include <gantry/sdk/storage.hpp>

namespace gantry::test {

/// Snapshots as empty files: "active-KEY" and "committed-NAME".
class FakeStorage final : public StorageDriver {
 public:
  explicit FakeStorage(std::string directory);
  void fail_next_remove() { fail_remove_ = true; }
  std::set<std::string> active() const;

  std::string name() override { return "overlay2"; }
  std::vector<std::pair<std::string, std::string>> status() override { return {}; }
  std::vector<Mount> prepare(Call&, const std::string& key, const std::string& parent, const SnapshotOptions&) override;
  std::vector<Mount> view(Call&, const std::string&, const std::string&) override { return {}; }
  std::vector<Mount> mounts(Call&, const std::string&) override { return {}; }
  void commit(Call&, const std::string& name, const std::string& key, const std::string& parent) override;
  void remove(Call&, const std::string& id) override;
  std::optional<SnapshotInfo> stat(Call&, const std::string& id) override;
  std::vector<SnapshotInfo> list(Call&) override;
  DiskUsage usage(Call&, const std::string&) override { return {42, 1}; }
  void reconcile(Call&, const std::vector<std::string>& live_keys) override;
  std::vector<std::pair<std::string, std::string>> graph_data(Call&, const std::string&) override { return {}; }
  AppliedLayer apply(Call&, const std::string& key, int in_fd) override;
  AppliedLayer diff(Call&, const std::string&, int) override { return {}; }
  void export_tree(Call&, const std::string&, int) override {}
  std::vector<Change> changes(Call&, const std::string&) override { return {}; }

 private:
  std::string directory_;
  bool fail_remove_ = false;
};

} // namespace gantry::test
