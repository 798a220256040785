#pragma once

#include <sys/stat.h>

#include <string>

#include "files/earlier_links.hpp"

namespace gantry::files {

/// Copies everything inside the directory `from` into the directory `to`, with owners, modes, times, extended attributes, hard
/// links and special files, and gives `to` what `from` itself has of these. `to` is nobody else's and has nothing of the same
/// names. Blocks; os errors name the file. The calling thread has a working directory of its own.
void copy_tree(int from, int to);

/// Copies `name`, which is no directory, from one directory into another one, where nothing has that name, with all that it has.
/// `path` is what it is called below the root of `links`.
void copy_entry(int from, int to, const std::string& name, const std::string& path, EarlierLinks& links);

/// Owner, mode, times and extended attributes of the open file `from` for the open file `to`.
void copy_attributes(int from, const struct stat& info, int to);

} // namespace gantry::files
