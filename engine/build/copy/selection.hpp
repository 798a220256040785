#pragma once

#include <sys/stat.h>

#include <string>

#include "build/context/ignore.hpp"

namespace gantry::build {

/// What of a source is copied: everything that --exclude does not name. Paths are relative to the source that is a directory, to
/// the directory that a file is in, and with --parents to where the paths begin.
class Selection {
 public:
  Selection() = default;
  explicit Selection(IgnoreRules excluded) : excluded_(std::move(excluded)) {}

  /// `name` in `directory`, whose path is `path`. A directory is taken when something in it is.
  bool takes(int directory, const std::string& name, const struct stat& info, const std::string& path) const;

 private:
  IgnoreRules excluded_;
};

} // namespace gantry::build
