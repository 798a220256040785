#pragma once

#include <string>
#include <vector>

namespace gantry::storage_overlay {

/// not_implemented when this kernel has no overlayfs. Loads its module, mounts nothing.
void check_overlay_support();

/// Options that switch off what would make an upper directory unreadable by itself (metacopy, redirect_dir) or tie it to
/// inode numbers (index), where the kernel's defaults have them on.
std::vector<std::string> overlay_mount_options();

} // namespace gantry::storage_overlay
