#include "registry/manifest.hpp"

#include "base/error.hpp"
#include "images/document.hpp"
#include "images/reference.hpp"
#include "registry/media_types.hpp"

namespace gantry::registry {
namespace {

using images::parse_document;
using images::string_member;

const std::string invalid_manifest = "invalid manifest";
constexpr std::size_t layers_max = 10000, entries_max = 10000, urls_max = 16;

const Json& list(const Json& object, const char* key) {
  auto at = object.find(key);
  if (at == object.end() || !at->is_array()) throw invalid(invalid_manifest + ": " + key + " must be a list");
  return *at;
}

Descriptor descriptor(const Json& json) {
  if (!json.is_object()) throw invalid(invalid_manifest + ": a descriptor must be an object");
  Descriptor d;
  d.media_type = string_member(json, "mediaType", invalid_manifest);
  d.digest = string_member(json, "digest", invalid_manifest);
  if (!images::is_sha256(d.digest)) throw invalid(invalid_manifest + ": \"" + d.digest + "\" is not a sha256 digest");
  auto size = json.find("size");
  if (size == json.end() || !size->is_number_unsigned() || size->get<std::uint64_t>() > (1ULL << 50))
    throw invalid(invalid_manifest + ": the size of " + d.digest + " must be a number of bytes");
  d.size = size->get<std::uint64_t>();
  d.urls = images::strings_member(json, "urls", invalid_manifest);
  if (d.urls.size() > urls_max)
    throw invalid(invalid_manifest + ": " + d.digest + " has more than " + std::to_string(urls_max) + " urls");
  return d;
}

Platform platform_in(const Json& entry) {
  auto at = entry.find("platform");
  if (at == entry.end() || !at->is_object()) return {};
  return {string_member(*at, "os", invalid_manifest), string_member(*at, "architecture", invalid_manifest),
          string_member(*at, "variant", invalid_manifest), string_member(*at, "os.version", invalid_manifest)};
}

bool is_attestation(const Json& entry) {
  auto at = entry.find("annotations");
  return at != entry.end() && at->is_object() && at->contains("vnd.docker.reference.type");
}

bool is_image_config(const std::string& type) {
  return type.empty() || type == media::docker_config || type == media::oci_config || type == "application/octet-stream";
}

Json object_of(const std::string& body) {
  auto document = parse_document(body, invalid_manifest);
  if (!document.is_object()) throw invalid(invalid_manifest + ": an object is needed");
  return document;
}

} // namespace

bool Document::is_index() const { return media_type == media::docker_list || media_type == media::oci_index; }

std::string accepted_manifests() {
  std::string all;
  for (auto type : {media::docker_manifest, media::docker_list, media::oci_index, media::oci_manifest})
    all += (all.empty() ? "" : ", ") + std::string(type);
  return all;
}

std::string manifest_type(const std::string& body, const std::string& header) {
  const auto document = object_of(body);
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

ImageManifest parse_manifest(const std::string& body) {
  const auto document = object_of(body);
  if (!document.contains("config")) throw invalid(invalid_manifest + ": there is no config");
  ImageManifest manifest{descriptor(document["config"]), {}};
  if (!is_image_config(manifest.config.media_type))
    throw invalid("unsupported media type " + manifest.config.media_type + ": this is no container image");
  const auto& layers = list(document, "layers");
  if (layers.size() > layers_max) throw invalid(invalid_manifest + ": " + std::to_string(layers.size()) + " layers are too many");
  for (const auto& layer : layers) manifest.layers.push_back(descriptor(layer));
  return manifest;
}

std::vector<IndexEntry> parse_index(const std::string& body) {
  const auto document = object_of(body);
  const auto& manifests = list(document, "manifests");
  if (manifests.size() > entries_max)
    throw invalid(invalid_manifest + ": " + std::to_string(manifests.size()) + " manifests are too many");
  std::vector<IndexEntry> entries;
  for (const auto& entry : manifests) entries.push_back({descriptor(entry), platform_in(entry), is_attestation(entry)});
  return entries;
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
