#pragma once

#include <string>
#include <utility>

#include "base/async.hpp"

namespace gantry::containers {

/// Deletes directories of containers. What is thrown away is gone from its place at once (one rename) and deleted in the
/// background: freeing its blocks can take longer than the container ran.
class Trash {
 public:
  /// `directory` exists.
  explicit Trash(std::string directory) : directory_(std::move(directory)) {}
  /// Nothing there is OK; what cannot be renamed is deleted in its place.
  void throw_away(const std::string& path);
  /// Deletes what an earlier daemon left in it.
  void empty();

 private:
  void delete_later(std::string path);

  const std::string directory_;
  Pool thread_{1};
};

} // namespace gantry::containers
