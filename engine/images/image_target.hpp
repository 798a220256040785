#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "images/image_manifest.hpp"
#include "images/image_store.hpp"

namespace gantry::images {

/// One manifest of what a name stands for outside of this machine.
struct TargetManifest {
  Json descriptor;                  ///< as the index has it; without an index: media type, digest and size
  std::optional<Manifest> manifest; ///< none: not here
  ImagePtr image;                   ///< null: not here
  std::string attests = {};         ///< digest of the manifest that this is an attestation of, empty: it is an image's
};

/// What a name stands for outside of this machine: an index, or one manifest.
struct ImageTarget {
  std::optional<Manifest> index;
  std::vector<TargetManifest> manifests; ///< all of the index, in its order

  /// mediaType, digest and size of the index or of the only manifest.
  Json descriptor() const;
  /// Whether nothing of it is missing here.
  bool is_whole() const;
};

/// The target of images under one name (at least one, the main one first), from what registries or archives gave for them: the
/// index that has them all, else the main one's own manifest. A manifest counts as here when all of its blobs are here as they
/// came. An image without such a manifest has the one that it gets in archives. Blocks.
ImageTarget target_of(ImageStore&, const std::vector<ImagePtr>& images);

/// The manifest of an image that none came with: OCI's, of the blobs as they are stored. Blocks.
Manifest archive_manifest(const ContentStore&, const Catalogue&, const Image&, std::size_t config_size);

/// Of some images the best one for a platform; null when there is none.
ImagePtr choose_platform(const std::vector<ImagePtr>& images, const Platform& wanted);

/// not_found in Docker's words: `actual` is there, but nothing for `wanted`.
Error platform_missing(const std::string& reference, const Platform& wanted, const Image& actual);

/// "linux/arm64" as OCI's JSON.
Json platform_json(const Platform&);

} // namespace gantry::images
