#pragma once

#include <sys/stat.h>

#include <string>
#include <vector>

#include <gantry/sdk/fd.hpp>

namespace gantry::build {

/// Something that ADD or COPY takes out of a tree.
struct Source {
  std::string path; ///< in the tree, clean, relative; "" is the tree itself
  std::string name; ///< what it is called in a directory
  bool directory = false;
};

/// What a source of COPY names: itself, with links in its path followed inside of the tree, or everything that a pattern matches.
/// Docker's texts for what is not there and for paths that lead out; `context`: of the client, not of a stage.
std::vector<Source> find_sources(int root, const std::string& written, bool context);

/// A source opened for reading, with what it is in `info`. What is neither file nor directory is not opened, only named (O_PATH):
/// opening a device has effects. Throws with the path.
UniqueFd open_source(int root, const Source& source, struct stat& info);

/// "file:<hex>" or "dir:<hex>" of what a source holds: names, kinds, modes and contents, no times.
std::string source_hash(int root, const Source& source);

/// Of all: the hash itself, or "multi:<hex>".
std::string sources_hash(int root, const std::vector<Source>& sources);

} // namespace gantry::build
