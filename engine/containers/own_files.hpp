#pragma once

#include <string>
#include <vector>

#include <gantry/sdk/storage.hpp>

// Every container gets mount points of the engine's: /dev, /proc, /sys and a few files in /etc. Where the image lacks them they
// are made in the container's own layer, which Docker keeps out of diffs and images by a layer of its own for them.
namespace gantry::containers {

/// The paths among `changes` that only the engine made, sorted: no change of the user's, and no part of a committed layer.
std::vector<std::string> own_paths(const std::vector<Change>& changes);

/// A directory that every container has, so that something new in it is a change of it, whoever made it.
bool is_own_directory(const std::string& path);

/// The difference of container `id` to its image without those, as a tar. Throws what the driver throws.
void write_difference(StorageDriver&, Call&, const std::string& id, int out);
/// The same without other paths (absolute and sorted; what is inside of them stays), in a file that is empty before.
AppliedLayer write_without(StorageDriver&, Call&, const std::string& id, int out, const std::vector<std::string>& paths);

/// The whole tree of container `id` as a tar with the mount points that it has, whether it has been started or not.
void write_export(StorageDriver&, Call&, const std::string& id, std::int64_t created_s, int out);

} // namespace gantry::containers
