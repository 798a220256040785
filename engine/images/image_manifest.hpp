#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "images/platform.hpp"

namespace gantry::images {

/// What a manifest says about a blob.
struct Descriptor {
  std::string media_type;
  std::string digest; ///< "sha256:…", checked
  std::uint64_t size = 0;
  std::vector<std::string> urls{}; ///< of a foreign layer
};

struct ImageManifest {
  Descriptor config;
  std::vector<Descriptor> layers; ///< base first
};

/// One manifest of an index.
struct IndexEntry {
  Descriptor manifest;
  Platform platform;
  bool attestation = false;
  Json json{}; ///< as it stands in the index
};

/// Whether a media type is that of an index or a manifest list.
bool is_index_type(std::string_view media_type);
/// Untrusted; invalid with what is wrong.
ImageManifest parse_manifest(const std::string& body);
std::vector<IndexEntry> parse_index(const std::string& body);
/// The document as a JSON object, or invalid.
Json manifest_object(const std::string& body);

} // namespace gantry::images
