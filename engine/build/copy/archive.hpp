#pragma once

namespace gantry::build {

/// Whether a file is a tar, packed (gzip, bzip2, xz, zstd) or not. Leaves the file at its beginning.
bool is_archive(int fd);

} // namespace gantry::build
