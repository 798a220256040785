#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "state/paths.hpp"

namespace gantry::images {

/// Something that is not as it has to be.
struct CheckProblem {
  std::string kind; ///< "database", "image", "name", "blob", "layer"
  std::string name; ///< id, digest or chain
  std::string problem;
  std::string remedy; ///< what was done about it, or what the user can do
  bool repaired = false;
};

struct CheckReport {
  std::uint64_t images = 0, layers = 0, blobs = 0, bytes = 0; ///< that were looked at; bytes of blobs
  std::vector<CheckProblem> problems;
};

class ImageService;

/// Reads every row, blob and layer and compares it with what it has to be. Blocks as long as reading all of it takes, and may be
/// called while others change the store. With `repair` layers are made anew from their blobs, and what no image knows is removed.
CheckReport check_store(ImageService&, const state::Paths&, bool repair);

} // namespace gantry::images
