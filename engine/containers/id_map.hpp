#pragma once

#include <cstdint>
#include <vector>

namespace gantry::containers {

/// `size` ids from `container_id` on are those from `host_id` on outside of the container.
struct IdRange {
  std::uint32_t container_id = 0, host_id = 0, size = 0;
  bool operator==(const IdRange&) const = default;
};

/// The maps of a container's user namespace; empty when it has none of its own.
struct IdMaps {
  std::vector<IdRange> uids, gids;
  bool empty() const { return uids.empty(); }
  bool operator==(const IdMaps&) const = default;
};

} // namespace gantry::containers
