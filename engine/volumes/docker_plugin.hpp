#pragma once

#include <string>
#include <utility>

#include <gantry/sdk/volume.hpp>

namespace gantry::volumes {

/// The driver that speaks for Docker's volume plugins: whatever driver name is none of ours is sent to it.
inline constexpr const char* docker_bridge = "docker";

/// One of Docker's volume plugins as a driver: the driver `bridge`, which is told at `create` whose the volume is and knows it
/// from then on.
class DockerPlugin final : public VolumeDriver {
 public:
  DockerPlugin(VolumeDriver& bridge, std::string name) : bridge_(bridge), name_(std::move(name)) {}

  void create(Call& call, const VolumeCreate& request) override {
    VolumeCreate told = request;
    told.options.emplace_back("docker-plugin", name_);
    bridge_.create(call, told);
  }
  void remove(Call& call, const std::string& name, bool force) override { bridge_.remove(call, name, force); }
  Mount mount(Call& call, const std::string& name, const std::string& mount_id) override {
    return bridge_.mount(call, name, mount_id);
  }
  void unmount(Call& call, const std::string& name, const std::string& mount_id) override {
    bridge_.unmount(call, name, mount_id);
  }
  std::optional<VolumeInfo> get(Call& call, const std::string& name) override { return bridge_.get(call, name); }
  std::vector<VolumeInfo> list(Call& call) override { return bridge_.list(call); }
  void reconcile(Call& call, const std::vector<std::string>& live_mounts) override { bridge_.reconcile(call, live_mounts); }
  VolumeUsage usage(Call& call, const std::string& name) override { return bridge_.usage(call, name); }

 private:
  VolumeDriver& bridge_;
  std::string name_;
};

} // namespace gantry::volumes
