#pragma once

#include <sys/types.h>
#include <cstdint>

// Every path inside a root filesystem is opened here: the image's author chose its symlinks, so the kernel resolves them
// with the root filesystem as "/" (openat2, RESOLVE_IN_ROOT) and never follows /proc's magic links.
namespace gantry::runtime_linux::init {

/// O_PATH descriptor (plus `flags`), or -errno.
int open_in_root(int root, const char* path, int flags);

/// A file to read; never blocks (FIFOs) and never becomes the controlling terminal. -errno on failure.
int open_file_in_root(int root, const char* path);

/// As open_in_root with exactly `flags`, and no component may be a symlink.
int open_plainly(int root, const char* path, int flags);

/// A descriptor of the file or directory to mount on, made with its parents (0755) when missing.
/// -errno on failure.
int make_mountpoint(int root, const char* path, bool directory);

/// Opens the parent of `path` (made when missing) and leaves the last component in `name` (NAME_MAX+1 bytes).
int open_parent(int root, const char* path, char* name);

/// Does `fd` live on a filesystem of this statfs magic?
bool on_filesystem(int fd, std::int64_t magic);

} // namespace gantry::runtime_linux::init
