#pragma once

#include <gantry/sdk/storage.hpp>

namespace gantry::daemon {

/// The storage driver as containers have it: a container that asks for no size of its own gets the daemon's
/// (`storage-opts: overlay2.size`). Layers of images are not limited, for they do not go through here.
class SizedStorage final : public StorageDriver {
 public:
  /// `quota_bytes` 0: no limit.
  SizedStorage(StorageDriver& driver, std::uint64_t quota_bytes) : driver_(driver), quota_bytes_(quota_bytes) {}

  std::string name() override { return driver_.name(); }
  std::vector<std::pair<std::string, std::string>> status() override { return driver_.status(); }
  std::vector<Mount> prepare(Call& call, const std::string& key, const std::string& parent,
                             const SnapshotOptions& wanted) override {
    SnapshotOptions options = wanted;
    if (options.quota_bytes == 0) options.quota_bytes = quota_bytes_;
    return driver_.prepare(call, key, parent, options);
  }
  std::vector<Mount> view(Call& call, const std::string& key, const std::string& parent) override {
    return driver_.view(call, key, parent);
  }
  std::vector<Mount> mounts(Call& call, const std::string& key) override { return driver_.mounts(call, key); }
  void commit(Call& call, const std::string& name, const std::string& key, const std::string& parent) override {
    driver_.commit(call, name, key, parent);
  }
  void remove(Call& call, const std::string& id) override { driver_.remove(call, id); }
  std::optional<SnapshotInfo> stat(Call& call, const std::string& id) override { return driver_.stat(call, id); }
  std::vector<SnapshotInfo> list(Call& call) override { return driver_.list(call); }
  DiskUsage usage(Call& call, const std::string& id) override { return driver_.usage(call, id); }
  void reconcile(Call& call, const std::vector<std::string>& live_keys) override { driver_.reconcile(call, live_keys); }
  std::vector<std::pair<std::string, std::string>> graph_data(Call& call, const std::string& id) override {
    return driver_.graph_data(call, id);
  }
  AppliedLayer apply(Call& call, const std::string& key, int in_fd) override { return driver_.apply(call, key, in_fd); }
  AppliedLayer diff(Call& call, const std::string& id, int out_fd) override { return driver_.diff(call, id, out_fd); }
  void export_tree(Call& call, const std::string& id, int out_fd) override { driver_.export_tree(call, id, out_fd); }
  std::vector<Change> changes(Call& call, const std::string& key) override { return driver_.changes(call, key); }

 private:
  StorageDriver& driver_;
  const std::uint64_t quota_bytes_;
};

} // namespace gantry::daemon
