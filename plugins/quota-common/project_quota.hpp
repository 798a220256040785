#pragma once

#include <cstdint>
#include <string>

// Limits on directory trees by the project quotas of ext4 and XFS: every file below a directory carries its project, and the
// file system counts the blocks of each.
namespace gantry::quota {

/// Limits what the tree below the empty directory may hold from now on; what is made in it inherits that. False when its file
/// system has no project quotas, or does not enforce them (mount option "prjquota"). Throws internal for what else fails.
bool limit_tree(const std::string& directory, std::uint64_t bytes);

/// Gives up the limit of a tree that is going to be deleted. Does nothing for one without; failures are of no consequence.
void forget_limit(const std::string& directory) noexcept;

} // namespace gantry::quota
