#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "images/image_service.hpp"

namespace gantry::images {

/// A committed layer.
struct Layer {
  std::string chain; ///< its name in the storage driver
  std::string parent;
  std::string diff_id;
  std::uint64_t size = 0; ///< of its files
  std::string blob;       ///< digest of the tar in the content store that it came from
  std::uint64_t blob_size = 0;
};

/// Everything that is known about images, at one moment; immutable once published.
struct Catalogue {
  std::map<std::string, ImagePtr> images;   ///< by id
  std::map<std::string, std::string> names; ///< full name → image id
  std::map<std::string, Layer> layers;      ///< by chain
  /// Full name → images of further platforms beside the one in `names`: from the same index, and of other platforms each.
  std::map<std::string, std::set<std::string>> others{};

  /// Null when nothing matches. Ambiguous prefixes match nothing, as in Docker.
  ImagePtr find(const std::string& reference) const;
  /// What `reference` leads to, for each platform that is kept; what `find` gives is first. Empty when nothing matches.
  std::vector<ImagePtr> find_all(const std::string& reference) const;
  /// Ids of the images under a full name, in the same order.
  std::vector<std::string> under(const std::string& name) const;
  bool leads_to(const std::string& name, const std::string& image_id) const;
  /// Full names that lead to the image.
  std::vector<std::string> names_of(const std::string& image_id) const;
  bool has_children(const std::string& image_id) const;
};
using CataloguePtr = std::shared_ptr<const Catalogue>;

/// Fills in what follows from names and layers: tags, digests, size.
ImagePtr with_names(Image image, const Catalogue&);

} // namespace gantry::images
