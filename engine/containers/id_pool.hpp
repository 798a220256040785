#pragma once

#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "containers/id_map.hpp"

namespace gantry::containers {

/// Ids of the host that containers with `--userns=auto` get their ranges from.
struct IdSpace {
  // systemd's table of uids (UIDS-GIDS.md) leaves these to nobody.
  IdRange uids{0, 0x70000000, 0x10000000}, gids{0, 0x70000000, 0x10000000};
};

/// Hands out ranges that no other container has. What a stored container has is taken as long as it exists; what has been
/// handed out to a container that is not stored yet is taken until `settle`. Thread-safe.
class IdPool {
 public:
  explicit IdPool(IdSpace space) : space_(space) {}

  /// unavailable when no gap of `size` ids is left. `taken`: the maps of all containers.
  IdMaps allocate(const std::string& container, std::uint32_t size, const std::vector<IdMaps>& taken);
  /// The container is stored now, or will never be.
  void settle(const std::string& container);

 private:
  IdSpace space_;
  std::mutex guard_;
  std::vector<std::pair<std::string, IdMaps>> pending_;
};

} // namespace gantry::containers
