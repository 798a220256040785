#include "registry/manifest.hpp"

#include "base/error.hpp"
#include "images/document.hpp"
#include "images/media_types.hpp"

namespace gantry::registry {
namespace {

using images::string_member;

const std::string invalid_manifest = "invalid manifest";

} // namespace

bool Document::is_index() const { return images::is_index_type(media_type); }

std::string accepted_manifests() {
  std::string all;
  for (auto type : {media::docker_manifest, media::docker_list, media::oci_index, media::oci_manifest})
    all += (all.empty() ? "" : ", ") + std::string(type);
  return all;
}

std::string manifest_type(const std::string& body, const std::string& header) {
  const auto document = images::manifest_object(body);
  auto type = string_member(document, "mediaType", invalid_manifest);
  if (type.empty() && document.contains("manifests")) type = media::oci_index;
  if (type.empty() && document.contains("layers")) type = media::oci_manifest;
  if (type.empty()) type = header.substr(0, header.find(';'));
  auto version = document.find("schemaVersion");
  const bool first = version != document.end() && *version == 1;
  if (first || type == media::docker_schema1 || type == media::docker_signed_schema1)
    throw invalid("Docker Image manifest version 2, schema 1 is not supported: push the image again with a current tool");
  for (auto known : {media::docker_manifest, media::docker_list, media::oci_index, media::oci_manifest})
    if (type == known) return type;
  throw invalid("unsupported manifest format: " + type);
}

const IndexEntry& choose(const std::vector<IndexEntry>& entries, const Platform& wanted) {
  const IndexEntry* best = nullptr;
  for (const auto& entry : entries) {
    if (entry.attestation || !runs_on(entry.platform, wanted)) continue;
    if (!best || is_better(entry.platform, best->platform)) best = &entry;
  }
  if (!best) throw not_found("no matching manifest for " + wanted.text() + " in the manifest list entries");
  return *best;
}

bool is_foreign(const Descriptor& layer) {
  return layer.media_type == media::docker_layer_foreign || layer.media_type.starts_with(media::oci_layer_foreign);
}

} // namespace gantry::registry
