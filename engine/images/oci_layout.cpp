#include <algorithm>
#include <optional>
#include <set>

#include "base/error.hpp"
#include "images/archive_image.hpp"
#include "images/document.hpp"
#include "images/image_config.hpp"
#include "images/image_manifest.hpp"
#include "images/media_types.hpp"
#include "images/reference.hpp"

namespace gantry::images {
namespace {

const std::string invalid_layout = "invalid OCI layout";
constexpr int index_depth_max = 4;
constexpr std::size_t copies_max = 64 << 20;

/// What an index or manifest says about a blob.
struct LayoutEntry {
  std::string digest;
  std::string name; ///< annotation: full or familiar name, or only a tag
  bool attestation = false;
  std::optional<Platform> platform{};
};

std::string annotation(const Json& descriptor, const char* key) {
  auto annotations = descriptor.find("annotations");
  if (annotations == descriptor.end() || !annotations->is_object()) return {};
  return string_member(*annotations, key, invalid_layout);
}

LayoutEntry read_entry(const Json& json) {
  if (!json.is_object()) throw invalid(invalid_layout + ": a descriptor must be an object");
  LayoutEntry entry;
  entry.digest = string_member(json, "digest", invalid_layout);
  if (!is_sha256(entry.digest)) throw invalid(invalid_layout + ": \"" + entry.digest + "\" is not a sha256 digest");
  entry.name = annotation(json, "io.containerd.image.name");
  if (entry.name.empty()) entry.name = annotation(json, "org.opencontainers.image.ref.name");
  entry.attestation = !annotation(json, "vnd.docker.reference.type").empty();
  if (const auto at = json.find("platform"); at != json.end() && at->is_object()) entry.platform = platform_of(*at);
  return entry;
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
  auto digest = read_entry(*config).digest;
  blob(archive, digest);
  image.config = archive.text(blob_path(digest));
  image.diff_ids = parse_image_config(image.config).diff_ids;
  for (const auto& layer : list_member(manifest, "layers")) image.layers.push_back(blob(archive, read_entry(layer).digest));
  if (image.layers.size() != image.diff_ids.size())
    throw invalid("invalid manifest, layers length mismatch: expected " + std::to_string(image.diff_ids.size()) + ", got " +
                  std::to_string(image.layers.size()));
  return image;
}

Manifest kept(const ImageArchive& archive, const std::string& digest, const Json& document, std::string_view kind) {
  auto type = string_member(document, "mediaType", invalid_layout);
  if (type.empty()) type = kind;
  return {digest, type, "", archive.text(blob_path(digest))};
}

/// Whether the archive has the manifest of the digest with its config and layers: archives of one platform may name others.
bool is_in(const ImageArchive& archive, const std::string& digest) {
  const auto path = blob_path(digest);
  if (!archive.has(path)) return false;
  const auto document = archive.json(path);
  if (!document.is_object() || document.contains("manifests")) return true; // told apart later
  const auto has = [&](const Json& entry) { return archive.has(blob_path(read_entry(entry).digest)); };
  const auto config = document.find("config");
  if (config == document.end() || !has(*config)) return false;
  const auto& layers = list_member(document, "layers");
  return std::all_of(layers.begin(), layers.end(), has);
}

/// Reads what the entries of one index.json lead to.
class LayoutReader {
 public:
  LayoutReader(const ImageArchive& archive, const std::vector<Platform>& wanted) : archive_(archive), wanted_(wanted) {}

  bool takes(const LayoutEntry& entry) const {
    if (entry.attestation) return false;
    if (!entry.platform) return true;
    if (wanted_.empty()) return entry.platform->os.empty() || entry.platform->os == "linux";
    return std::any_of(wanted_.begin(), wanted_.end(), [&](const auto& one) { return runs_on(*entry.platform, one); });
  }

  /// What an entry of index.json leads to.
  std::vector<ArchiveImage> read(const std::string& digest) {
    seen_.clear();
    return follow(digest, 0);
  }

 private:
  /// Follows indexes down to manifests. What was met on the way already is not met again.
  std::vector<ArchiveImage> follow(const std::string& digest, int depth) {
    if (!seen_.insert(digest).second) return {};
    if (depth > index_depth_max) throw invalid(invalid_layout + ": indexes are nested too deeply");
    blob(archive_, digest);
    const auto document = archive_.json(blob_path(digest));
    if (!document.is_object()) throw invalid(invalid_layout + ": " + digest + " must be an object");
    if (document.contains("manifests")) return read_index(digest, document, depth);
    std::vector<ArchiveImage> images{read_manifest(archive_, document)};
    count(images[0].config.size());
    if (depth > 0) {
      images[0].manifests.push_back(kept(archive_, digest, document, media::oci_manifest));
      (void)parse_manifest(images[0].manifests[0].body);
    }
    return images;
  }

  std::vector<ArchiveImage> read_index(const std::string& digest, const Json& document, int depth) {
    const auto index = kept(archive_, digest, document, media::oci_index);
    (void)parse_index(index.body);
    std::vector<LayoutEntry> entries;
    for (const auto& json : list_member(document, "manifests")) entries.push_back(read_entry(json));
    std::vector<ArchiveImage> all;
    for (const auto& child : entries) {
      if (!takes(child) || is_beaten(child, entries) || (wanted_.empty() && !is_in(archive_, child.digest))) continue;
      for (auto& image : follow(child.digest, depth + 1)) {
        count(index.body.size());
        image.manifests.back().index_digest = digest;
        image.manifests.insert(image.manifests.begin(), index);
        all.push_back(std::move(image));
      }
    }
    return all;
  }

  /// Every image has a copy of what led to it.
  void count(std::size_t bytes) {
    copied_ += bytes;
    if (copied_ > copies_max) throw invalid(invalid_layout + ": its indexes lead to too many images");
  }

  /// Whether for all wanted platforms that it is for another entry is better: arm/v6 where arm/v7 is there, too.
  bool is_beaten(const LayoutEntry& entry, const std::vector<LayoutEntry>& entries) const {
    if (!entry.platform || wanted_.empty()) return false;
    return std::all_of(wanted_.begin(), wanted_.end(), [&](const Platform& wanted) {
      return !runs_on(*entry.platform, wanted) || std::any_of(entries.begin(), entries.end(), [&](const LayoutEntry& other) {
        return !other.attestation && other.platform && runs_on(*other.platform, wanted) &&
               is_better(*other.platform, *entry.platform);
      });
    });
  }

  const ImageArchive& archive_;
  const std::vector<Platform>& wanted_;
  std::set<std::string> seen_;
  std::size_t copied_ = 0;
};

/// A ref.name may be a bare tag: without a repository it names nothing.
std::vector<std::string> names_of(const std::string& annotation_text) {
  if (annotation_text.find_first_of("/:") == annotation_text.npos) return {};
  auto name = parse_reference(annotation_text).shown();
  name.digest.clear();
  return name.tag.empty() ? std::vector<std::string>() : std::vector{name.full()};
}

} // namespace

std::vector<ArchiveImage> read_oci_layout(const ImageArchive& archive, const std::vector<Platform>& wanted) {
  auto index = archive.json("index.json");
  if (!index.is_object()) throw invalid(invalid_layout + ": index.json must be an object");
  LayoutReader reader(archive, wanted);
  std::vector<ArchiveImage> images;
  for (const auto& json : list_member(index, "manifests")) {
    const auto entry = read_entry(json);
    if (!reader.takes(entry)) continue;
    for (auto& image : reader.read(entry.digest)) {
      image.names = names_of(entry.name);
      images.push_back(std::move(image));
    }
  }
  return images;
}

} // namespace gantry::images
