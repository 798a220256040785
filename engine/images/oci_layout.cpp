#include "base/error.hpp"
#include "images/archive_image.hpp"
#include "images/document.hpp"
#include "images/image_config.hpp"
#include "images/reference.hpp"

namespace gantry::images {
namespace {

const std::string invalid_layout = "invalid OCI layout";
constexpr int index_depth_max = 4;

/// What an index or manifest says about a blob.
struct Descriptor {
  std::string digest;
  std::string name; ///< annotation: full or familiar name, or only a tag
  bool attestation = false;
  bool is_wanted = true; ///< platform absent or the wanted one
};

std::string annotation(const Json& descriptor, const char* key) {
  auto annotations = descriptor.find("annotations");
  if (annotations == descriptor.end() || !annotations->is_object()) return {};
  return string_member(*annotations, key, invalid_layout);
}

bool is_for(const Json& descriptor, const Platform& wanted) {
  auto platform = descriptor.find("platform");
  return platform == descriptor.end() || !platform->is_object() || runs_on(platform_of(*platform), wanted);
}

Descriptor read_descriptor(const Json& json, const Platform& wanted = {}) {
  if (!json.is_object()) throw invalid(invalid_layout + ": a descriptor must be an object");
  Descriptor descriptor;
  descriptor.digest = string_member(json, "digest", invalid_layout);
  if (!is_sha256(descriptor.digest)) throw invalid(invalid_layout + ": \"" + descriptor.digest + "\" is not a sha256 digest");
  descriptor.name = annotation(json, "io.containerd.image.name");
  if (descriptor.name.empty()) descriptor.name = annotation(json, "org.opencontainers.image.ref.name");
  descriptor.attestation = !annotation(json, "vnd.docker.reference.type").empty();
  descriptor.is_wanted = is_for(json, wanted);
  return descriptor;
}

const ReceivedFile& blob(const ImageArchive& archive, const std::string& digest) {
  const auto& file = archive.file(blob_path(digest));
  if (file.digest != digest) throw invalid(invalid_layout + ": blob " + digest + " has the digest " + file.digest);
  return file;
}

const Json& list_member(const Json& document, const char* key) {
  auto at = document.find(key);
  if (at == document.end() || !at->is_array()) throw invalid(invalid_layout + ": " + key + " must be a list");
  return *at;
}

ArchiveImage read_manifest(const ImageArchive& archive, const Json& manifest) {
  ArchiveImage image;
  auto config = manifest.find("config");
  if (config == manifest.end()) throw invalid(invalid_layout + ": a manifest has no config");
  auto digest = read_descriptor(*config).digest;
  blob(archive, digest);
  image.config = archive.text(blob_path(digest));
  image.diff_ids = parse_image_config(image.config).diff_ids;
  for (const auto& layer : list_member(manifest, "layers")) image.layers.push_back(blob(archive, read_descriptor(layer).digest));
  if (image.layers.size() != image.diff_ids.size())
    throw invalid("invalid manifest, layers length mismatch: expected " + std::to_string(image.diff_ids.size()) + ", got " +
                  std::to_string(image.layers.size()));
  return image;
}

Manifest kept(const ImageArchive& archive, const std::string& digest, const Json& document, const char* kind) {
  auto type = string_member(document, "mediaType", invalid_layout);
  if (type.empty()) type = kind;
  return {digest, type, "", archive.text(blob_path(digest))};
}

Error missing(const Platform& wanted) { return invalid("no image for " + wanted.text() + " in the archive"); }

/// Follows indexes down to the manifest for the platform.
ArchiveImage read_target(const ImageArchive& archive, const std::string& digest, const Platform& wanted, int depth) {
  if (depth > index_depth_max) throw invalid(invalid_layout + ": indexes are nested too deeply");
  blob(archive, digest);
  auto document = archive.json(blob_path(digest));
  if (!document.is_object()) throw invalid(invalid_layout + ": " + digest + " must be an object");
  if (!document.contains("manifests")) {
    auto image = read_manifest(archive, document);
    if (depth > 0) image.manifests.push_back(kept(archive, digest, document, "application/vnd.oci.image.manifest.v1+json"));
    return image;
  }
  for (const auto& entry : list_member(document, "manifests")) {
    auto child = read_descriptor(entry, wanted);
    if (!child.is_wanted || child.attestation) continue;
    auto image = read_target(archive, child.digest, wanted, depth + 1);
    image.manifests.back().index_digest = digest;
    image.manifests.insert(image.manifests.begin(), kept(archive, digest, document, "application/vnd.oci.image.index.v1+json"));
    return image;
  }
  throw missing(wanted);
}

/// A ref.name may be a bare tag: without a repository it names nothing.
std::vector<std::string> names_of(const std::string& annotation_text) {
  if (annotation_text.find_first_of("/:") == annotation_text.npos) return {};
  auto name = parse_reference(annotation_text).shown();
  name.digest.clear();
  return name.tag.empty() ? std::vector<std::string>() : std::vector{name.full()};
}

} // namespace

std::vector<ArchiveImage> read_oci_layout(const ImageArchive& archive, const Platform& wanted) {
  auto index = archive.json("index.json");
  if (!index.is_object()) throw invalid(invalid_layout + ": index.json must be an object");
  std::vector<ArchiveImage> images;
  for (const auto& entry : list_member(index, "manifests")) {
    auto target = read_descriptor(entry, wanted);
    if (target.attestation || !target.is_wanted) continue;
    images.push_back(read_target(archive, target.digest, wanted, 0));
    images.back().names = names_of(target.name);
  }
  if (images.empty()) throw missing(wanted);
  return images;
}

} // namespace gantry::images
