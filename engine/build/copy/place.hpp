#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "build/copy/chmod.hpp"
#include "build/copy/selection.hpp"
#include "build/copy/sources.hpp"

namespace gantry::build {

struct Placing {
  std::string destination; ///< absolute; a slash at its end makes it a directory
  std::pair<uid_t, gid_t> owner{0, 0};
  std::optional<ModeChange> mode; ///< of files and directories
  bool unpack = false;            ///< ADD: archives are unpacked
  bool setuid = false;            ///< files keep such bits
  bool parents = false;           ///< `shown` of a source is made below the destination
  Selection selection{};
};

/// Copies sources from the tree `from` to the tree `to`. Links in the destination are followed inside of `to`. The calling thread
/// has a working directory of its own. invalid with Docker's text for what cannot be.
void place(int from, int to, const std::vector<Source>& sources, const Placing& placing);

/// Makes a directory and what is missing above it; false when it is there.
bool make_directory(int root, const std::string& path, std::pair<uid_t, gid_t> owner);

/// uid and gid of --chown=USER[:GROUP] in an image's files.
std::pair<uid_t, gid_t> chown_owner(int root, const std::string& text);

} // namespace gantry::build
