#pragma once

#include <functional>
#include <string>
#include <vector>

#include <gantry/sdk/storage.hpp>

namespace gantry::containers {

/// A snapshot, and the directory where it is to be seen.
struct SnapshotPlace {
  std::string key, directory;
};

/// Runs `f` on a thread of its own (with a working directory of its own) that sees the snapshots in their directories. Nobody
/// else does, and nothing stays mounted whatever happens to the daemon. Blocks; throws what f throws.
void with_snapshots(StorageDriver&, const std::vector<SnapshotPlace>& places, const std::function<void()>& f);

} // namespace gantry::containers
