#pragma once

namespace gantry::images {

/// Whether a tar has no entry: its first block is zeros, as are all up to where its writer fills it up. The descriptor's position
/// stays.
bool is_empty_tar(int fd);

} // namespace gantry::images
