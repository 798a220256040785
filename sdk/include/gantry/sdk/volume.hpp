#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <gantry/sdk/error.hpp>
#include <gantry/sdk/host.hpp>
#include <gantry/sdk/mount.hpp>

// The volume driver: named directory trees that outlive containers.
// A volume is made with `create` and stays until `remove`, through restarts of the engine and the machine. A *mount* is one
// container's use of it, named by a mount_id that the engine chooses: what a volume needs in order to be used (a network
// share, a device) is there from the first mount to the last unmount. The engine has the last word on which volumes exist and
// which are in use; after a crash it says so with `reconcile`.
// Threading: [op], the host serialises per volume; different volumes come at the same time.
namespace gantry {

using VolumeSettings = std::vector<std::pair<std::string, std::string>>;

struct VolumeCreate {
  std::string name;       ///< [a-zA-Z0-9][a-zA-Z0-9_.-]+
  VolumeSettings options; ///< the driver's own
  VolumeSettings labels;  ///< the user's; to be kept and told
};

struct VolumeInfo {
  std::string name;
  std::string mountpoint;      ///< directory on the host; empty: it has none now
  std::int64_t created_ns = 0; ///< CLOCK_REALTIME; 0: not known
  VolumeSettings options, labels;
  VolumeSettings status; ///< what the driver has to say about it
  bool global = false;   ///< reached from every machine by the same name
};

struct VolumeUsage {
  std::uint64_t bytes = 0; ///< sizes of all files, hard links counted once
  std::uint64_t inodes = 0;
};

class VolumeDriver {
 public:
  virtual ~VolumeDriver() = default;

  /// Repeated for a name that exists: OK, nothing changes. invalid, with a sentence, for a name or an option that cannot be.
  /// After it returned the volume survives a power cut; when it throws nothing is left of it.
  virtual void create(Call&, const VolumeCreate&) = 0;
  /// With its data. Missing is OK; in_use while it is mounted, unless forced.
  virtual void remove(Call&, const std::string& name, bool force) = 0;
  /// Makes the volume usable. Repeated with the same mount_id: the same answer, one use. not_found; unavailable when what is
  /// behind it cannot be reached. The mount is what the container's init performs, normally type "bind" of the mountpoint;
  /// its target is empty.
  virtual Mount mount(Call&, const std::string& name, const std::string& mount_id) = 0;
  /// Ends one use. Missing volumes and mounts are OK.
  virtual void unmount(Call&, const std::string& name, const std::string& mount_id) = 0;
  virtual std::optional<VolumeInfo> get(Call&, const std::string& name) = 0;
  /// [any]
  virtual std::vector<VolumeInfo> list(Call&) = 0;
  /// After a restart of the engine: mounts that are not listed are over, as if unmounted.
  virtual void reconcile(Call&, const std::vector<std::string>& live_mounts) = 0;
  /// not_found.
  virtual VolumeUsage usage(Call&, const std::string& /*name*/) { throw not_implemented_by_driver("usage"); }
  /// With its data; nothing mounts it. Atomic: after a crash it has one of the two names. not_found, already_exists, in_use.
  virtual void rename(Call&, const std::string& /*name*/, const std::string& /*new_name*/) {
    throw not_implemented_by_driver("rename");
  }
  /// Makes a volume that begins as what `source` is now and shares its blocks on disk until one of them writes. Nothing is left
  /// when it throws. not_found (the source), already_exists; not_implemented where the file system cannot share blocks.
  virtual void snapshot(Call&, const VolumeCreate& /*request*/, const std::string& /*source*/) {
    throw not_implemented_by_driver("snapshot");
  }
};

} // namespace gantry
