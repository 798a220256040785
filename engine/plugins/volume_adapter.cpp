#include "plugins/volume_adapter.hpp"

#include <gantry/sdk/detail/volume_wire.hpp>
#include <utility>

#include "plugins/sink.hpp"

namespace gantry::plugins {

namespace {

using Self = void*;
using C = const gantry_call*;

class VolumeAdapter final : public VolumeDriver {
 public:
  VolumeAdapter(const gantry_volume_table& table, std::unique_ptr<DriverInstance> instance)
      : t_(table), driver_(std::move(instance)) {}

  void create(Call& call, const VolumeCreate& request) override {
    const detail::VolumeCreateView view(request);
    driver_->invoke(t_.create, "create", call, [&](Self self, C c) { return t_.create(self, c, view.get()); });
  }

  void remove(Call& call, const std::string& name, bool force) override {
    const gantry_str n = detail::view(name);
    driver_->invoke(t_.remove, "remove", call, [&](Self self, C c) { return t_.remove(self, c, &n, force ? 1 : 0); });
  }

  Mount mount(Call& call, const std::string& name, const std::string& mount_id) override {
    const gantry_str n = detail::view(name), m = detail::view(mount_id);
    Results result(&detail::mount_of);
    driver_->invoke(t_.mount, "mount", call, [&](Self self, C c) { return t_.mount(self, c, &n, &m, result.get()); });
    return std::move(result).one(*driver_, "mount");
  }

  void unmount(Call& call, const std::string& name, const std::string& mount_id) override {
    const gantry_str n = detail::view(name), m = detail::view(mount_id);
    driver_->invoke(t_.unmount, "unmount", call, [&](Self self, C c) { return t_.unmount(self, c, &n, &m); });
  }

  std::optional<VolumeInfo> get(Call& call, const std::string& name) override {
    const gantry_str n = detail::view(name);
    Results result(&detail::volume_info_of);
    driver_->invoke(t_.get, "get", call, [&](Self self, C c) { return t_.get(self, c, &n, result.get()); });
    return std::move(result).optional();
  }

  std::vector<VolumeInfo> list(Call& call) override {
    Results result(&detail::volume_info_of);
    driver_->invoke(t_.list, "list", call, [&](Self self, C c) { return t_.list(self, c, result.get()); });
    return std::move(result).all();
  }

  void reconcile(Call& call, const std::vector<std::string>& live_mounts) override {
    const auto views = detail::views(live_mounts);
    const gantry_array live = detail::array_of(views);
    driver_->invoke(t_.reconcile, "reconcile", call, [&](Self self, C c) { return t_.reconcile(self, c, &live); });
  }

  VolumeUsage usage(Call& call, const std::string& name) override {
    const gantry_str n = detail::view(name);
    Results result(&detail::volume_usage_of);
    driver_->invoke(t_.usage, "usage", call, [&](Self self, C c) { return t_.usage(self, c, &n, result.get()); });
    return std::move(result).one(*driver_, "usage");
  }

  void rename(Call& call, const std::string& name, const std::string& new_name) override {
    const gantry_str n = detail::view(name), m = detail::view(new_name);
    driver_->invoke(t_.rename, "rename", call, [&](Self self, C c) { return t_.rename(self, c, &n, &m); });
  }

  void snapshot(Call& call, const VolumeCreate& request, const std::string& source) override {
    const detail::VolumeCreateView view(request);
    const gantry_str s = detail::view(source);
    driver_->invoke(t_.snapshot, "snapshot", call, [&](Self self, C c) { return t_.snapshot(self, c, view.get(), &s); });
  }

 private:
  gantry_volume_table t_;
  std::unique_ptr<DriverInstance> driver_;
};

} // namespace

std::unique_ptr<VolumeDriver> adapt_volume(const gantry_volume_table& table, std::unique_ptr<DriverInstance> instance) {
  return std::make_unique<VolumeAdapter>(table, std::move(instance));
}

} // namespace gantry::plugins
