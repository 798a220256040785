#pragma once

#include <sys/stat.h>

#include <string>
#include <vector>

#include <gantry/sdk/fd.hpp>

// What overlayfs would show, worked out by reading the layers: needs no mount, works beside a running container, and
// nothing ever appears in a mount table.
namespace gantry::storage_overlay {

/// One directory of a stack of layers, topmost first. Only the layers that have it take part.
using MergedDirectory = std::vector<UniqueFd>;

struct MergedEntry {
  std::string name;
  std::size_t layer = 0; ///< index in the MergedDirectory of the one that is seen
  struct stat info {};
};

/// Sorted by name.
std::vector<MergedEntry> list_merged(const MergedDirectory&);
/// False when nothing of that name is seen.
bool find_merged(const MergedDirectory&, const std::string& name, MergedEntry&);
/// The child directory `name`, which is a directory in layer `first`.
MergedDirectory open_merged(const MergedDirectory&, const std::string& name, std::size_t first);

/// Deeper trees than this exist only to exhaust whoever walks them.
constexpr int max_tree_depth = 1024;
void check_depth(int depth);

} // namespace gantry::storage_overlay
