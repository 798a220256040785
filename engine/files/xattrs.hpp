#pragma once

#include <string>
#include <utility>
#include <vector>

// Extended attributes of a name in a directory, links not followed. Linux knows them by path or by a descriptor that is open
// for reading; so these change the working directory: the calling thread has one of its own (unshare(CLONE_FS)).
namespace gantry::files {

using Xattrs = std::vector<std::pair<std::string, std::string>>;

/// Without overlayfs' own. Empty where there are none, or the file system has none.
Xattrs xattrs_of(int directory, const std::string& name);
/// What the file system or the kind of file cannot have is left out.
void set_xattrs(int directory, const std::string& name, const Xattrs& xattrs);

} // namespace gantry::files
