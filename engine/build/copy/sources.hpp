#pragma once

#include <sys/stat.h>

#include <string>
#include <vector>

#include <gantry/sdk/fd.hpp>

#include "build/copy/selection.hpp"

namespace gantry::build {

/// Something that ADD or COPY takes out of a tree.
struct Source {
  std::string path; ///< in the tree, clean, relative; "" is the tree itself
  std::string name; ///< what it is called in a directory
  bool directory = false;
  std::string shown{}; ///< with --parents: the part of the path that is made again below the destination
};

/// How the sources of a COPY are written.
struct SourceSyntax {
  bool context = true;  ///< of the client, not of a stage
  bool parents = false; ///< "/./" begins the part of a path that is kept, "**" is any number of directories
};

/// What a source of COPY names: itself, with links in its path followed inside of the tree, or everything that a pattern matches.
/// Docker's texts for what is not there and for paths that lead out.
std::vector<Source> find_sources(int root, const std::string& written, SourceSyntax syntax);

/// A source opened for reading, with what it is in `info`. What is neither file nor directory is not opened, only named (O_PATH):
/// opening a device has effects. Throws with the path.
UniqueFd open_source(int root, const Source& source, struct stat& info);

/// "file:<hex>" or "dir:<hex>" of what a source holds: names, kinds, modes and contents, no times.
std::string source_hash(int root, const Source& source, const Selection& selection = {});

/// Of all: the hash itself, or "multi:<hex>".
std::string sources_hash(int root, const std::vector<Source>& sources, const Selection& selection);

} // namespace gantry::build
