#include "images/image_target.hpp"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <set>

#include "images/decompress.hpp"
#include "images/digest.hpp"
#include "images/media_types.hpp"

namespace gantry::images {
namespace {

Json descriptor_of(const std::string& type, const std::string& digest, std::uint64_t size) {
  return {{"mediaType", type}, {"digest", digest}, {"size", size}};
}

/// Layers as they were received: the media type tells how they are compressed. Of those that were made here the tar need not
/// exist.
std::string stored_layer_type(const ContentStore& content, const Layer& layer) {
  if (layer.blob == layer.diff_id) return std::string(media::oci_layer);
  std::array<char, packing_head> head{};
  UniqueFd file;
  try {
    file = content.open(layer.blob);
  } catch (const Error&) {
    return std::string(media::oci_layer_gzip); // `system check` tells of it
  }
  const auto n = ::pread(file.get(), head.data(), head.size(), 0);
  switch (packing_of({head.data(), n < 0 ? 0 : static_cast<std::size_t>(n)})) {
    case Packing::gzip:
      return std::string(media::oci_layer_gzip);
    case Packing::zstd:
      return std::string(media::oci_layer_zstd);
    default:
      return std::string(media::oci_layer);
  }
}

/// Whether the manifest describes the image by the blobs that are here.
bool is_here(const Manifest& manifest, const Image& image, const Catalogue& catalogue) {
  if (is_index_type(manifest.media_type)) return false;
  const auto parsed = parse_manifest(manifest.body);
  if (parsed.config.digest != image.id || parsed.layers.size() != image.chains.size()) return false;
  for (std::size_t i = 0; i < parsed.layers.size(); ++i) {
    const auto layer = catalogue.layers.find(image.chains[i]);
    if (layer == catalogue.layers.end() || layer->second.blob != parsed.layers[i].digest) return false;
  }
  return true;
}

/// "unknown" where the index does not say.
std::string attested_by(const Json& entry) {
  const auto& annotations = entry["annotations"];
  const auto at = annotations.find("vnd.docker.reference.digest");
  return at != annotations.end() && at->is_string() && !at->get_ref<const std::string&>().empty() ? at->get<std::string>()
                                                                                                  : "unknown";
}

/// An image and the manifests that are known for it, newest first.
struct KnownImage {
  ImagePtr image;
  std::vector<Manifest> manifests;
};

const Manifest* manifest_of(const KnownImage& known, const std::string& digest) {
  const auto at =
      std::find_if(known.manifests.begin(), known.manifests.end(), [&](const auto& one) { return one.digest == digest; });
  return at == known.manifests.end() ? nullptr : &*at;
}

/// An index may name the same manifest thousands of times: it is looked at once.
std::vector<TargetManifest> manifests_in(const Manifest& index, const std::vector<KnownImage>& all, const Catalogue& catalogue) {
  std::vector<TargetManifest> list;
  std::set<std::string> seen;
  for (const auto& entry : parse_index(index.body)) {
    if (!seen.insert(entry.manifest.digest).second) continue;
    TargetManifest one{entry.json, std::nullopt, nullptr};
    if (entry.attestation) one.attests = attested_by(entry.json);
    for (const auto& known : all) {
      const auto* manifest = manifest_of(known, entry.manifest.digest);
      if (!manifest || !is_here(*manifest, *known.image, catalogue)) continue;
      one.manifest = *manifest;
      one.image = known.image;
    }
    list.push_back(std::move(one));
  }
  return list;
}

bool has_all(const std::vector<TargetManifest>& manifests, const std::vector<KnownImage>& all) {
  return std::all_of(all.begin(), all.end(), [&](const KnownImage& known) {
    return std::any_of(manifests.begin(), manifests.end(), [&](const auto& one) { return one.image == known.image; });
  });
}

ImageTarget alone(ImageStore& store, const Catalogue& catalogue, const KnownImage& known) {
  auto at = std::find_if(known.manifests.begin(), known.manifests.end(),
                         [&](const auto& manifest) { return is_here(manifest, *known.image, catalogue); });
  const auto manifest = at == known.manifests.end() ? archive_manifest(store.content(), catalogue, *known.image,
                                                                       store.config_bytes(known.image->id).size())
                                                    : *at;
  return {std::nullopt, {{descriptor_of(manifest.media_type, manifest.digest, manifest.body.size()), manifest, known.image}}};
}

} // namespace

Json ImageTarget::descriptor() const {
  if (index) return descriptor_of(index->media_type, index->digest, index->body.size());
  return manifests.front().descriptor;
}

bool ImageTarget::is_whole() const {
  return std::all_of(manifests.begin(), manifests.end(), [](const auto& one) { return one.manifest.has_value(); });
}

ImageTarget target_of(ImageStore& store, const std::vector<ImagePtr>& images) {
  const auto catalogue = store.catalogue();
  std::vector<KnownImage> all;
  for (const auto& image : images) all.push_back({image, store.manifests(image->id)});
  for (const auto& manifest : all.front().manifests) {
    if (!is_index_type(manifest.media_type)) continue;
    auto list = manifests_in(manifest, all, *catalogue);
    if (has_all(list, all)) return {manifest, std::move(list)};
  }
  return alone(store, *catalogue, all.front());
}

Manifest archive_manifest(const ContentStore& content, const Catalogue& catalogue, const Image& image, std::size_t config_size) {
  Json manifest{{"schemaVersion", 2}, {"mediaType", media::oci_manifest}};
  manifest["config"] = descriptor_of(std::string(media::oci_config), image.id, config_size);
  manifest["layers"] = Json::array();
  for (const auto& chain : image.chains) {
    const auto& layer = catalogue.layers.at(chain);
    manifest["layers"].push_back(descriptor_of(stored_layer_type(content, layer), layer.blob, layer.blob_size));
  }
  const auto body = manifest.dump();
  return {sha256_of(body), std::string(media::oci_manifest), "", body};
}

ImagePtr choose_platform(const std::vector<ImagePtr>& images, const Platform& wanted) {
  ImagePtr best;
  for (const auto& image : images) {
    if (!runs_on(platform_of(image->config), wanted)) continue;
    if (!best || is_better(platform_of(image->config), platform_of(best->config))) best = image;
  }
  return best;
}

Error platform_missing(const std::string& reference, const Platform& wanted, const Image& actual) {
  return not_found("image with reference " + reference + " was found but its platform (" + platform_of(actual.config).text() +
                   ") does not match the specified platform (" + wanted.text() + ")");
}

Json platform_json(const Platform& platform) {
  Json json{{"architecture", platform.architecture}, {"os", platform.os}};
  if (!platform.os_version.empty()) json["os.version"] = platform.os_version;
  if (!platform.variant.empty()) json["variant"] = platform.variant;
  return json;
}

} // namespace gantry::images
