#pragma once

#include <string>

namespace gantry::volume_local {

/// not_implemented unless files in the directory can share their blocks (FICLONE): XFS with reflink, Btrfs, … Leaves nothing.
void require_shared_blocks(const std::string& directory);

/// Fills the empty directory `to` with what is in `from`, with owners, modes, times, extended attributes and hard links; the
/// files share their blocks with their originals. Who writes meanwhile may be seen in part, file by file. Sockets are left out.
void copy_shared(const std::string& from, const std::string& to);

} // namespace gantry::volume_local
