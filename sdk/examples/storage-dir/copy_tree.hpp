#pragma once

#include <string>

/// Copies everything in directory `from` into directory `to`, which exists: owners, modes, times, links, xattrs and device
/// nodes. `reflink` is cp's --reflink: share the blocks where the file system can.
void copy_tree(const std::string& from, const std::string& to, const std::string& reflink);
