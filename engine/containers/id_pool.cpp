#include "containers/id_pool.hpp"

#include <algorithm>

#include "base/error.hpp"

namespace gantry::containers {
namespace {

/// The first gap of `size` ids among `taken`.
IdRange first_gap(const IdRange& space, std::vector<IdRange> taken, std::uint32_t size) {
  std::sort(taken.begin(), taken.end(), [](const IdRange& a, const IdRange& b) { return a.host_id < b.host_id; });
  std::uint64_t start = space.host_id;
  for (const IdRange& range : taken) {
    if (range.host_id >= start + size) break;
    start = std::max(start, std::uint64_t{range.host_id} + range.size);
  }
  if (start + size > std::uint64_t{space.host_id} + space.size) {
    throw unavailable("no " + std::to_string(size) + " ids are left for a user namespace in " + std::to_string(space.host_id) +
                      "-" + std::to_string(space.host_id + (space.size - 1)));
  }
  return {0, static_cast<std::uint32_t>(start), size};
}

} // namespace

IdMaps IdPool::allocate(const std::string& container, std::uint32_t size, const std::vector<IdMaps>& taken) {
  const std::lock_guard lock(guard_);
  std::vector<IdRange> uids, gids;
  const auto add = [&](const IdMaps& maps) {
    uids.insert(uids.end(), maps.uids.begin(), maps.uids.end());
    gids.insert(gids.end(), maps.gids.begin(), maps.gids.end());
  };
  for (const IdMaps& maps : taken) add(maps);
  for (const auto& [id, maps] : pending_) add(maps);
  IdMaps maps{{first_gap(space_.uids, std::move(uids), size)}, {first_gap(space_.gids, std::move(gids), size)}};
  pending_.emplace_back(container, maps);
  return maps;
}

void IdPool::settle(const std::string& container) {
  const std::lock_guard lock(guard_);
  std::erase_if(pending_, [&](const auto& entry) { return entry.first == container; });
}

} // namespace gantry::containers
