#pragma once

#include <string>

namespace gantry::cli {

/// One side of a copy: "CONTAINER:PATH" or a path of this machine.
struct Side {
  std::string container; ///< empty: this machine
  std::string path;
};
Side parse_side(const std::string& text);

/// What is known of a source or destination.
struct Place {
  std::string path;
  bool exists = false, directory = false;
  std::string rename; ///< how the entries of a source are to begin instead, where it was found through a link
};

/// Where a copy goes: the directory to unpack into, and what the first component of every entry becomes (`to` empty: it stays).
struct Plan {
  std::string directory, from, to;
};

/// Docker's rules for what `cp SRC DEST` means; throws Failure with its sentences.
Plan plan_copy(const Place& source, const Place& destination);

/// "/a/b/" and "/a/b/." → "/a/b"; the last component of "/a/b/." is ".".
std::string directory_of(const std::string& path);
std::string base_of(const std::string& path);
/// Clean, but "/" or "/." at its end stays.
std::string clean_keeping_end(const std::string& path);

} // namespace gantry::cli
