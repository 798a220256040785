#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <gantry/sdk/error.hpp>
#include <gantry/sdk/host.hpp>
#include <gantry/sdk/mount.hpp>

// DRAFT of the volume driver; any engine may change it. A volume is a named directory tree that outlives containers; a
// *mount* is one container's use of it. Threading: [op], the host serialises per volume.
namespace gantry {

struct VolumeCreate {
  std::string name;
  std::vector<std::pair<std::string, std::string>> options, labels;
};

struct VolumeInfo {
  std::string name;
  std::string mountpoint; ///< host path; empty: it has none
  std::int64_t created_ns = 0;
  std::vector<std::pair<std::string, std::string>> options, labels;
};

struct VolumeUsage {
  std::uint64_t bytes = 0;
  std::uint64_t inodes = 0;
};

class VolumeDriver {
 public:
  virtual ~VolumeDriver() = default;

  /// Idempotent by name. invalid for an option.
  virtual void create(Call&, const VolumeCreate&) = 0;
  /// Missing is OK; in_use while mounted, unless forced.
  virtual void remove(Call&, const std::string& name, bool force) = 0;
  /// Idempotent by mount_id. The mount that the container's init performs; its target is the engine's business.
  virtual Mount mount(Call&, const std::string& name, const std::string& mount_id, bool read_only) = 0;
  virtual void unmount(Call&, const std::string& name, const std::string& mount_id) = 0;
  virtual std::optional<VolumeInfo> get(Call&, const std::string& name) = 0;
  virtual std::vector<VolumeInfo> list(Call&) = 0;
  virtual VolumeUsage usage(Call&, const std::string& /*name*/) { throw not_implemented_by_driver("usage"); }
  virtual void reconcile(Call&, const std::vector<std::string>& live_mounts) = 0;
};

} // namespace gantry
