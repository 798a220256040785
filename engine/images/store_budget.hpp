#pragma once

#include <cstdint>
#include <functional>
#include <set>
#include <string>
#include <vector>

#include "images/catalogue.hpp"

namespace gantry::images {

/// How much the images may take, and what stays anyway.
struct Budget {
  std::uint64_t keep_bytes = 0;   ///< of layers, unpacked and packed
  std::int64_t used_after_ns = 0; ///< what was used later than this stays
};

/// An image that goes, and what is free then.
struct Surplus {
  ImagePtr image;
  std::uint64_t freed = 0;
  std::int64_t last_used_ns = 0;
};

/// Bytes of the blob of a layer that are on disk.
using BlobBytes = std::function<std::uint64_t(const Layer&)>;

/// What a plan has to know beside the catalogue.
struct Holds {
  std::multiset<std::string> chains;                      ///< layers that something works on now
  std::set<std::string> tops;                             ///< layers whose images are in use by something that runs
  std::function<bool(const Image&)> used;                 ///< by a container
  std::function<std::int64_t(const Image&)> last_used_ns; ///< more exact than the image's own
  BlobBytes blob_bytes;
};

/// Bytes of all layers of images on disk, unpacked and packed; blobs that layers share count once. What only the build cache has
/// is counted there.
std::uint64_t bytes_of(const Catalogue&, const BlobBytes&);

/// The images to delete until the rest fits, in that order: least recently used first, children before parents. Images that would
/// free nothing, even together, stay. Nothing is done.
std::vector<Surplus> plan_deletions(const Catalogue&, const Budget&, const Holds&);

struct BudgetReport {
  std::uint64_t bytes = 0; ///< before
  std::vector<Surplus> deleted;
  std::uint64_t freed = 0;
};

/// Deletes what `plan_deletions` says, as rmi would; an image that was used since the plan was made stays. With `dry_run` only
/// the plan is told. Blocks.
BudgetReport keep_budget(ImageService&, const Budget&, bool dry_run);

} // namespace gantry::images
