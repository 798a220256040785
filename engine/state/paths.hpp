#pragma once

#include <string>

namespace gantry::state {

/// Every path of a daemon instance. Nothing else in the engine joins path names of these.
///
///   <data-root>/                     0710; "DockerRootDir"
///     state.db                       SQLite (WAL)
///     lock                           flock: one daemon per data-root
///     engine-id                      what /info calls "ID"
///     content/blobs/sha256/<hex>     image blobs as received, verified
///     content/ingest/<id>/           being received; emptied at start
///     content/partial/<hex>          downloads that may go on later: begun, or whole and not yet part of a pulled image
///     containers/<id>/               0710: hosts hostname resolv.conf <id>-json.log config files of one container
///     trash/                         directories of containers that are being deleted; emptied at start
///     cache-mounts/                  of RUN --mount=type=cache
///     build-steps/                   which containers are steps of builds
///     plugins/<driver-id>/           state_dir of a driver instance (layers live in plugins/storage-overlay)
///   <exec-root>/                     0711, tmpfs
///     plugins/<driver-id>/           run_dir of a driver instance (shim sockets live in plugins/runtime-linux)
///     subpaths/                      mounts of volumes' subdirectories on their way into containers
///     image/                         the same of images
///     build/                         the same of a build step's secrets and agents
class Paths {
 public:
  Paths(std::string data_root, std::string exec_root);
  const std::string& data_root() const { return data_root_; }
  const std::string& exec_root() const { return exec_root_; }
  std::string database() const;
  std::string lock() const;
  std::string engine_id() const;
  std::string blobs() const;
  /// `digest` is "sha256:<hex>".
  std::string blob(const std::string& digest) const;
  std::string ingest() const;
  std::string partials() const;
  /// `digest` is "sha256:<hex>".
  std::string partial(const std::string& digest) const;
  std::string containers() const;
  std::string container(const std::string& id) const;
  std::string trash() const;
  std::string cache_mounts() const;
  std::string build_steps() const;
  std::string container_log(const std::string& id) const;
  std::string subpath_mounts() const;
  std::string image_mounts() const;
  std::string build_mounts() const;
  /// Of all driver instances: <data-root>/plugins and <exec-root>/plugins.
  std::string driver_state_root() const;
  std::string driver_run_root() const;
  std::string driver_state(const std::string& driver) const;
  std::string driver_run(const std::string& driver) const;
  /// Makes the directories that must exist; os errors name the path.
  void create() const;

 private:
  std::string data_root_;
  std::string exec_root_;
};

} // namespace gantry::state
