#include "images/image_manifest.hpp"

#include "base/error.hpp"
#include "images/document.hpp"
#include "images/media_types.hpp"
#include "images/reference.hpp"

namespace gantry::images {
namespace {

const std::string bad_manifest = "invalid manifest";
constexpr std::size_t manifest_layers_max = 10000, index_entries_max = 10000, urls_max = 16;

const Json& list_in(const Json& object, const char* key) {
  auto at = object.find(key);
  if (at == object.end() || !at->is_array()) throw invalid(bad_manifest + ": " + key + " must be a list");
  return *at;
}

Descriptor descriptor_in(const Json& json) {
  if (!json.is_object()) throw invalid(bad_manifest + ": a descriptor must be an object");
  Descriptor d;
  d.media_type = string_member(json, "mediaType", bad_manifest);
  d.digest = string_member(json, "digest", bad_manifest);
  if (!is_sha256(d.digest)) throw invalid(bad_manifest + ": \"" + d.digest + "\" is not a sha256 digest");
  auto size = json.find("size");
  if (size == json.end() || !size->is_number_unsigned() || size->get<std::uint64_t>() > (1ULL << 50))
    throw invalid(bad_manifest + ": the size of " + d.digest + " must be a number of bytes");
  d.size = size->get<std::uint64_t>();
  d.urls = strings_member(json, "urls", bad_manifest);
  if (d.urls.size() > urls_max)
    throw invalid(bad_manifest + ": " + d.digest + " has more than " + std::to_string(urls_max) + " urls");
  return d;
}

Platform platform_in(const Json& entry) {
  auto at = entry.find("platform");
  if (at == entry.end() || !at->is_object()) return {};
  return {string_member(*at, "os", bad_manifest), string_member(*at, "architecture", bad_manifest),
          string_member(*at, "variant", bad_manifest), string_member(*at, "os.version", bad_manifest)};
}

bool is_attestation(const Json& entry) {
  auto at = entry.find("annotations");
  return at != entry.end() && at->is_object() && at->contains("vnd.docker.reference.type");
}

bool is_image_config(const std::string& type) {
  return type.empty() || type == media::docker_config || type == media::oci_config || type == "application/octet-stream";
}

} // namespace

bool is_index_type(std::string_view media_type) { return media_type == media::docker_list || media_type == media::oci_index; }

Json manifest_object(const std::string& body) {
  auto document = parse_document(body, bad_manifest);
  if (!document.is_object()) throw invalid(bad_manifest + ": an object is needed");
  return document;
}

ImageManifest parse_manifest(const std::string& body) {
  const auto document = manifest_object(body);
  if (!document.contains("config")) throw invalid(bad_manifest + ": there is no config");
  ImageManifest manifest{descriptor_in(document["config"]), {}};
  if (!is_image_config(manifest.config.media_type))
    throw invalid("unsupported media type " + manifest.config.media_type + ": this is no container image");
  const auto& layers = list_in(document, "layers");
  if (layers.size() > manifest_layers_max)
    throw invalid(bad_manifest + ": " + std::to_string(layers.size()) + " layers are too many");
  for (const auto& layer : layers) manifest.layers.push_back(descriptor_in(layer));
  return manifest;
}

std::vector<IndexEntry> parse_index(const std::string& body) {
  const auto document = manifest_object(body);
  const auto& manifests = list_in(document, "manifests");
  if (manifests.size() > index_entries_max)
    throw invalid(bad_manifest + ": " + std::to_string(manifests.size()) + " manifests are too many");
  std::vector<IndexEntry> entries;
  for (const auto& entry : manifests) entries.push_back({descriptor_in(entry), platform_in(entry), is_attestation(entry), entry});
  return entries;
}

} // namespace gantry::images
