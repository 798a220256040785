#pragma once

#include <map>
#include <memory>
#include <string>

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

  /// Null when nothing matches. Ambiguous prefixes match nothing, as in Docker.
  ImagePtr find(const std::string& reference) const;
};
using CataloguePtr = std::shared_ptr<const Catalogue>;

/// Fills in what follows from names and layers: tags, digests, size.
ImagePtr with_names(Image image, const Catalogue&);

} // namespace gantry::images
