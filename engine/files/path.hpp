#pragma once

#include <sys/stat.h>

#include <string>

#include <gantry/sdk/fd.hpp>

namespace gantry::files {

/// A path as a user writes it for copying: absolute and clean, but a "/" or "/." at its end stays, for it means something.
std::string wanted_path(const std::string& path);

/// What a path of copying names. A link in the last component is the thing itself, unless "/" or "/." follows.
struct Named {
  std::string path;   ///< wanted_path
  std::string name;   ///< last component, as copying shows it; "/" for the root
  UniqueFd directory; ///< where it is, open for searching
  std::string entry;  ///< its name in there; "." for a directory that was followed
  struct stat info {};
};

/// not_found with Docker's text, which names `container`.
Named find_named(int root, const std::string& path, const std::string& container);

/// Where a path leads with all links followed, also those that lead nowhere, as a path of the container.
std::string follow(int root, const std::string& path);

} // namespace gantry::files
