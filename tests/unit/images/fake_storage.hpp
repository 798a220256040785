#pragma once

#include <map>
#include <mutex>
#include <set>

#include <gantry/sdk/storage.hpp>

namespace gantry::test {

/// Remembers snapshots and their bytes; a layer's size is that of its tar.
class FakeStorage final : public StorageDriver {
 public:
  std::string name() override { return "fake"; }
  std::vector<std::pair<std::string, std::string>> status() override { return {}; }
  std::vector<Mount> prepare(Call&, const std::string& key, const std::string& parent, const SnapshotOptions&) override;
  std::vector<Mount> view(Call& call, const std::string& key, const std::string& parent) override {
    return prepare(call, key, parent, {});
  }
  std::vector<Mount> mounts(Call&, const std::string&) override { return {}; }
  void commit(Call&, const std::string& name, const std::string& key, const std::string& parent) override;
  void remove(Call&, const std::string& id) override;
  std::optional<SnapshotInfo> stat(Call&, const std::string& id) override;
  std::vector<SnapshotInfo> list(Call&) override;
  DiskUsage usage(Call&, const std::string&) override { return {}; }
  void reconcile(Call&, const std::vector<std::string>&) override {}
  std::vector<std::pair<std::string, std::string>> graph_data(Call&, const std::string&) override { return {}; }
  AppliedLayer apply(Call&, const std::string& key, int in_fd) override;
  /// The bytes that were applied.
  AppliedLayer diff(Call&, const std::string& id, int out_fd) override;
  void export_tree(Call&, const std::string&, int) override {}
  std::vector<Change> changes(Call&, const std::string&) override { return {}; }

  std::set<std::string> committed();
  std::size_t active();
  /// The n-th commit from now on fails (1 is the next).
  void fail_commit(int n) { fail_commit_ = n; }
  void damage(const std::string& id);
  /// Another byte there.
  void spoil(const std::string& id, std::size_t at);
  /// Other files.
  void replace(const std::string& id, std::string tar);
  void lose(const std::string& id);
  /// apply reads one block and fails.
  void refuse_apply() { refuse_apply_ = true; }

 private:
  std::mutex guard_;
  std::map<std::string, SnapshotInfo> snapshots_;
  std::map<std::string, std::string> bytes_;
  int fail_commit_ = 0;
  bool refuse_apply_ = false;
};

} // namespace gantry::test
