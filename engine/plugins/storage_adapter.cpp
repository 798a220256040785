#include "plugins/storage_adapter.hpp"

#include <gantry/sdk/detail/storage_wire.hpp>
#include <utility>

#include "plugins/call.hpp"
#include "plugins/sink.hpp"

namespace gantry::plugins {

namespace {

using Pairs = std::vector<std::pair<std::string, std::string>>;
using Self = void*;
using C = const gantry_call*;

std::string root_of(const gantry_str* s) { return detail::text(*s); }
std::pair<std::string, std::string> pair_of(const gantry_kv* kv) { return detail::pair_of(*kv); }

class StorageAdapter final : public StorageDriver {
 public:
  StorageAdapter(const gantry_storage_table& table, std::unique_ptr<DriverInstance> instance)
      : t_(table), driver_(std::move(instance)) {}

  std::string name() override {
    CancellableCall call;
    Results result(&root_of);
    driver_->invoke(t_.name, "name", call, [&](Self self, C c) { return t_.name(self, c, result.get()); });
    return std::move(result).one(*driver_, "name");
  }

  Pairs status() override {
    CancellableCall call;
    Results result(&pair_of);
    driver_->invoke(t_.status, "status", call, [&](Self self, C c) { return t_.status(self, c, result.get()); });
    return std::move(result).all();
  }

  std::vector<Mount> prepare(Call& call, const std::string& key, const std::string& parent,
                             const SnapshotOptions& options) override {
    const gantry_str k = detail::view(key), p = detail::view(parent);
    const auto o = detail::to_options(options);
    Results result(&detail::mount_of);
    driver_->invoke(t_.prepare, "prepare", call, [&](Self self, C c) { return t_.prepare(self, c, &k, &p, &o, result.get()); });
    return std::move(result).all();
  }

  std::vector<Mount> view(Call& call, const std::string& key, const std::string& parent) override {
    const gantry_str k = detail::view(key), p = detail::view(parent);
    Results result(&detail::mount_of);
    driver_->invoke(t_.view, "view", call, [&](Self self, C c) { return t_.view(self, c, &k, &p, result.get()); });
    return std::move(result).all();
  }

  std::vector<Mount> mounts(Call& call, const std::string& key) override {
    const gantry_str k = detail::view(key);
    Results result(&detail::mount_of);
    driver_->invoke(t_.mounts, "mounts", call, [&](Self self, C c) { return t_.mounts(self, c, &k, result.get()); });
    return std::move(result).all();
  }

  void commit(Call& call, const std::string& name, const std::string& key, const std::string& parent) override {
    const gantry_str n = detail::view(name), k = detail::view(key), p = detail::view(parent);
    driver_->invoke(t_.commit, "commit", call, [&](Self self, C c) { return t_.commit(self, c, &n, &k, &p); });
  }

  void remove(Call& call, const std::string& id) override {
    const gantry_str i = detail::view(id);
    driver_->invoke(t_.remove, "remove", call, [&](Self self, C c) { return t_.remove(self, c, &i); });
  }

  std::optional<SnapshotInfo> stat(Call& call, const std::string& id) override {
    const gantry_str i = detail::view(id);
    Results result(&detail::snapshot_of);
    driver_->invoke(t_.stat, "stat", call, [&](Self self, C c) { return t_.stat(self, c, &i, result.get()); });
    return std::move(result).optional();
  }

  std::vector<SnapshotInfo> list(Call& call) override {
    Results result(&detail::snapshot_of);
    driver_->invoke(t_.list, "list", call, [&](Self self, C c) { return t_.list(self, c, result.get()); });
    return std::move(result).all();
  }

  DiskUsage usage(Call& call, const std::string& id) override {
    const gantry_str i = detail::view(id);
    Results result(&detail::usage_of);
    driver_->invoke(t_.usage, "usage", call, [&](Self self, C c) { return t_.usage(self, c, &i, result.get()); });
    return std::move(result).one(*driver_, "usage");
  }

  void reconcile(Call& call, const std::vector<std::string>& live_keys) override {
    const auto views = detail::views(live_keys);
    const gantry_array live = detail::array_of(views);
    driver_->invoke(t_.reconcile, "reconcile", call, [&](Self self, C c) { return t_.reconcile(self, c, &live); });
  }

  Pairs graph_data(Call& call, const std::string& id) override {
    const gantry_str i = detail::view(id);
    Results result(&pair_of);
    driver_->invoke(t_.graph_data, "graph_data", call, [&](Self self, C c) { return t_.graph_data(self, c, &i, result.get()); });
    return std::move(result).all();
  }

  AppliedLayer apply(Call& call, const std::string& key, int in_fd) override {
    const gantry_str k = detail::view(key);
    Results result(&detail::layer_of);
    driver_->invoke(t_.apply, "apply", call, [&](Self self, C c) { return t_.apply(self, c, &k, in_fd, result.get()); });
    return std::move(result).one(*driver_, "apply");
  }

  AppliedLayer diff(Call& call, const std::string& id, int out_fd) override {
    const gantry_str i = detail::view(id);
    Results result(&detail::layer_of);
    driver_->invoke(t_.diff, "diff", call, [&](Self self, C c) { return t_.diff(self, c, &i, out_fd, result.get()); });
    return std::move(result).one(*driver_, "diff");
  }

  void export_tree(Call& call, const std::string& id, int out_fd) override {
    const gantry_str i = detail::view(id);
    driver_->invoke(t_.export_tree, "export_tree", call, [&](Self self, C c) { return t_.export_tree(self, c, &i, out_fd); });
  }

  std::vector<Change> changes(Call& call, const std::string& key) override {
    const gantry_str k = detail::view(key);
    Results result(&detail::change_of);
    driver_->invoke(t_.changes, "changes", call, [&](Self self, C c) { return t_.changes(self, c, &k, result.get()); });
    return std::move(result).all();
  }

 private:
  gantry_storage_table t_;
  std::unique_ptr<DriverInstance> driver_;
};

} // namespace

std::unique_ptr<StorageDriver> adapt_storage(const gantry_storage_table& table, std::unique_ptr<DriverInstance> instance) {
  return std::make_unique<StorageAdapter>(table, std::move(instance));
}

} // namespace gantry::plugins
