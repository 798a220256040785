#pragma once

#include <string>
#include <vector>

#include <gantry/sdk/storage.hpp>

// Every container gets mount points of the engine's: /dev, /proc, /sys and a few files in /etc. Where the image lacks them they
// are made in the container's own layer, which Docker keeps out of diffs and images by a layer of its own for them.
namespace gantry::containers {

/// The paths among `changes` that only the engine made, sorted: no change of the user's, and no part of a committed layer.
std::vector<std::string> own_paths(const std::vector<Change>& changes);

/// The difference of container `id` to its image without those, as a tar in the file `out`, which is empty before.
/// Throws what the driver throws.
AppliedLayer write_difference(StorageDriver&, Call&, const std::string& id, int out);
/// The same without other paths: absolute and sorted; what is inside of them stays.
AppliedLayer write_without(StorageDriver&, Call&, const std::string& id, int out, const std::vector<std::string>& paths);

} // namespace gantry::containers
