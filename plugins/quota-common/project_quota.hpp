#pragma once

#include <cstdint>
#include <string>

// Limits on directory trees by the project quotas of ext4 and XFS: every file below a directory carries its project, and the
// file system counts the blocks of each.
namespace gantry::quota {

/// Limits what the tree below the empty directory may hold from now on; what is made in it inherits that. The tree's project; 0
/// when its file system has no project quotas, or does not enforce them (mount option "prjquota"). Throws internal for what else
/// fails.
std::uint32_t limit_tree(const std::string& directory, std::uint64_t bytes);

/// The project that the directory itself says it has; 0: none of its own. Whoever may write the directory may have changed it.
std::uint32_t project_of(const std::string& directory) noexcept;

/// The same, if that project is limited to `bytes`; else 0.
std::uint32_t project_of(const std::string& directory, std::uint64_t bytes) noexcept;

/// Gives up the limit of `project`, 0: none, and takes the tree below `directory`, which is going to be deleted, out of whatever
/// project it is in. Failures are of no consequence.
void forget_limit(const std::string& directory, std::uint32_t project) noexcept;
/// The same for a directory that nobody but the engine could write: its own word is good.
inline void forget_own_limit(const std::string& directory) noexcept { forget_limit(directory, project_of(directory)); }

} // namespace gantry::quota
