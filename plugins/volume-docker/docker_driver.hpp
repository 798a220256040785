#pragma once

#include <string>

#include <gantry/sdk/volume.hpp>

#include "protocol.hpp"

namespace gantry::volume_docker {

/// The option of `create` that names the plugin. Without it the only plugin that there is is meant.
inline constexpr const char* plugin_option = "docker-plugin";

/// Volumes of Docker's volume plugins. Which volumes there are, whose they are and who uses them is kept here, as files: the
/// plugins are asked only about the volume that an operation is about, so that list and reconcile never wait for a plugin that
/// hangs.
class DockerDriver final : public VolumeDriver {
 public:
  DockerDriver(Host& host, const std::string& config_json);

  void create(Call&, const VolumeCreate&) override;
  void remove(Call&, const std::string& name, bool force) override;
  Mount mount(Call&, const std::string& name, const std::string& mount_id) override;
  void unmount(Call&, const std::string& name, const std::string& mount_id) override;
  std::optional<VolumeInfo> get(Call&, const std::string& name) override;
  std::vector<VolumeInfo> list(Call&) override;
  /// Uses that are over end here at once; their plugins hear of it as long as they answer.
  void reconcile(Call&, const std::vector<std::string>& live_mounts) override;

 private:
  std::string directory(const std::string& name) const { return root_ + "/" + name; }
  std::string uses(const std::string& name) const { return run_ + "/" + name; }
  std::string plugin_of(const std::string& name) const;
  VolumeInfo known(const std::string& name) const;
  void record(const VolumeCreate&, const std::string& plugin) const;
  /// A volume whose plugin says that it has none of that name is gone.
  void remove_there(Call&, const std::string& plugin, const std::string& name);

  Host& host_;
  std::string root_, run_;
  Protocol protocol_;
};

} // namespace gantry::volume_docker
