#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include <gantry/sdk/error.hpp>

// Directories by path; errors name it.
namespace gantry::volume_local {

/// "what: No space left on device".
Error system_error(const std::string& what, int err);

bool exists(const std::string& path);
/// Nothing there is OK; parents must exist. The mode is exact whatever the umask.
void make_directory(const std::string& path, mode_t mode);
/// A new directory whose name begins with `prefix`.
std::string make_unique_directory(const std::string& prefix);
/// Sorted; empty when the directory is missing.
std::vector<std::string> names_in(const std::string& path);
/// An empty file.
void touch(const std::string& path);
/// So that what was created or renamed in it survives a power cut.
void sync_directory(const std::string& path);
/// Does not follow links. Missing is OK.
void delete_tree(const std::string& path);

} // namespace gantry::volume_local
