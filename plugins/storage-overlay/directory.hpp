#pragma once

#include <sys/stat.h>

#include <string>
#include <vector>

#include <gantry/sdk/fd.hpp>

// Directories by descriptor. None of these follows a symbolic link in the last component.
namespace gantry::storage_overlay {

/// A directory to read and to create in.
UniqueFd open_directory(const std::string& path);
/// `path` inside `root` as a process with that root would see it: links cannot lead out. -1 with errno when it fails.
UniqueFd open_in_root(int root, const std::string& path, int flags);
/// A child; -1 with errno.
UniqueFd open_child(int dir, const std::string& name, int flags);

/// Sorted, without "." and "..".
std::vector<std::string> names_in(int dir);
std::vector<std::string> names_in(const std::string& path);

/// False when there is nothing of that name.
bool stat_child(int dir, const std::string& name, struct stat& info);

/// Overlayfs' sign that a name of the lower layers is gone: a character device 0/0.
bool is_whiteout(const struct stat& info);
/// Overlayfs' sign that nothing of a directory in the lower layers shows through.
bool is_opaque(int dir);
void make_opaque(int dir);

} // namespace gantry::storage_overlay
