#pragma once

#include <sys/stat.h>

#include <string>
#include <vector>

#include <gantry/sdk/fd.hpp>

// Files by directory descriptors, in trees that a hostile program may be changing at the same time. No function follows a
// symbolic link in the last component unless it says so.
namespace gantry::files {

/// `path` as a process with the root `root` would see it: links are followed and cannot lead out, /proc's magic links are not
/// followed. -1 with errno when it fails; ELOOP: a magic link.
UniqueFd open_in_root(int root, const std::string& path, int flags);
/// A child; -1 with errno.
UniqueFd open_child(int directory, const std::string& name, int flags);
/// Sorted, without "." and "..".
std::vector<std::string> names_in(int directory);
/// False when there is nothing of that name.
bool stat_child(int directory, const std::string& name, struct stat& info);
/// Without ".", "..", doubled slashes and a slash at the end, as far as that can be said without looking.
std::string clean_path(const std::string& path);
/// "a/b/c" → "a/b" and "c".
std::string parent_of(const std::string& path);
std::string last_name(const std::string& path);

} // namespace gantry::files
