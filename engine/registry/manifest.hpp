#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "images/image_manifest.hpp"
#include "images/media_types.hpp"

namespace gantry::registry {

namespace media = images::media;

using images::Descriptor;
using images::ImageManifest;
using images::IndexEntry;
using images::is_better;
using images::parse_index;
using images::parse_manifest;
using images::parse_platform;
using images::Platform;
using images::platform_of;
using images::runs_on;

/// A manifest or an index as a registry gave it.
struct Document {
  std::string media_type;
  std::string digest;
  std::string body; ///< byte for byte

  bool is_index() const;
};

/// Largest manifest or index that is read.
inline constexpr std::size_t manifest_max = 4 << 20;

/// Every kind that is understood, for Accept.
std::string accepted_manifests();
/// What the body is: by its own mediaType, else by what it holds, else by `header`. invalid for what cannot be pulled (schema 1,
/// artifacts), saying so.
std::string manifest_type(const std::string& body, const std::string& header);
/// not_found with Docker's text when there is none.
const IndexEntry& choose(const std::vector<IndexEntry>& entries, const Platform& wanted);
bool is_foreign(const Descriptor& layer);

} // namespace gantry::registry
