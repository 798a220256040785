#pragma once

#include <functional>
#include <string>

#include <gantry/sdk/volume.hpp>

#include "record.hpp"
#include "usage-common/shared_walks.hpp"

namespace gantry::volume_local {

/// Volumes as directories of this machine: <root>/<name>/_data, with what the user said in <root>/<name>/opts.json. A volume with
/// a device is mounted on its _data from the first use to the last; who uses it is kept as empty files below the run directory,
/// which go with a reboot just as the mounts do. There is no other state, so nothing can disagree after a crash.
class LocalDriver final : public VolumeDriver {
 public:
  LocalDriver(Host& host, const std::string& config_json);

  void create(Call&, const VolumeCreate&) override;
  void remove(Call&, const std::string& name, bool force) override;
  Mount mount(Call&, const std::string& name, const std::string& mount_id) override;
  void unmount(Call&, const std::string& name, const std::string& mount_id) override;
  std::optional<VolumeInfo> get(Call&, const std::string& name) override;
  std::vector<VolumeInfo> list(Call&) override;
  void reconcile(Call&, const std::vector<std::string>& live_mounts) override;
  VolumeUsage usage(Call&, const std::string& name) override;
  void rename(Call&, const std::string& name, const std::string& new_name) override;
  void snapshot(Call&, const VolumeCreate&, const std::string& source) override;

 private:
  std::string directory(const std::string& name) const { return root_ + "/" + name; }
  std::string data(const std::string& name) const { return directory(name) + "/_data"; }
  std::string uses(const std::string& name) const { return run_ + "/" + name; }
  VolumeInfo described(const std::string& name, const Record&) const;
  /// A new volume, complete or not there: false when there is one of that name. `fill` is called with its empty _data.
  bool make(const VolumeCreate&, const std::function<void(const std::string& data)>& fill);
  /// Deletes what a crash left: directories that never became volumes, or are none any more.
  void sweep();

  Host& host_;
  std::string root_, run_;
  usage::SharedWalks<VolumeUsage> walks_;
};

} // namespace gantry::volume_local
