#include <algorithm>
#include <map>

#include "base/error.hpp"
#include "images/archive_image.hpp"
#include "images/digest.hpp"
#include "images/document.hpp"
#include "images/image_config.hpp"
#include "images/reference.hpp"

namespace gantry::images {
namespace {

constexpr const char* manifest = "manifest.json";

/// Newer archives name blobs by digest: then the name is a promise.
const ReceivedFile& checked_file(const ImageArchive& archive, const std::string& path) {
  constexpr std::string_view blobs = "blobs/sha256/";
  const auto& file = archive.file(path);
  if (path.starts_with(blobs) && file.digest != "sha256:" + path.substr(blobs.size()))
    throw invalid("invalid archive: " + path + " has the digest " + file.digest);
  return file;
}

ArchiveImage read_image(const ImageArchive& archive, const Json& entry) {
  if (!entry.is_object()) throw invalid("invalid archive: manifest.json must be a list of objects");
  const std::string what = "invalid archive: manifest.json";
  ArchiveImage image;
  auto config_path = string_member(entry, "Config", what);
  checked_file(archive, config_path);
  image.config = archive.text(config_path);
  image.diff_ids = parse_image_config(image.config).diff_ids;
  auto layers = strings_member(entry, "Layers", what);
  if (layers.size() != image.diff_ids.size())
    throw invalid("invalid manifest, layers length mismatch: expected " + std::to_string(image.diff_ids.size()) + ", got " +
                  std::to_string(layers.size()));
  for (const auto& path : layers) image.layers.push_back(checked_file(archive, path));
  for (const auto& tag : strings_member(entry, "RepoTags", what)) {
    auto name = parse_reference(tag);
    if (name.tag.empty()) throw invalid("invalid tag \"" + tag + "\"");
    name.digest.clear();
    image.names.push_back(name.full());
  }
  image.parent = string_member(entry, "Parent", what);
  return image;
}

Json history_of(const ArchiveImage& image) {
  const auto document = parse_document(image.config, "invalid image config");
  const auto history = document.find("history");
  return history != document.end() && history->is_array() ? *history : Json::array();
}

/// A parent has one line of history less, and the rest in common; so there is no circle either.
bool is_parent(const ArchiveImage& parent, const ArchiveImage& image) {
  const Json older = history_of(parent), newer = history_of(image);
  return newer.size() == older.size() + 1 && std::equal(older.begin(), older.end(), newer.begin());
}

/// As in Docker: links to images outside of the archive do not count, wrong ones are an error.
void check_parents(std::vector<ArchiveImage>& images) {
  std::map<std::string, const ArchiveImage*> by_id;
  for (const auto& image : images) by_id[sha256_of(image.config)] = &image;
  for (auto& image : images) {
    if (image.parent.empty()) continue;
    const auto parent = by_id.find(image.parent);
    if (parent == by_id.end()) {
      image.parent.clear();
    } else if (!is_parent(*parent->second, image)) {
      throw invalid("image " + image.parent + " is not a valid parent for " + sha256_of(image.config));
    }
  }
}

} // namespace

std::vector<ArchiveImage> read_docker_archive(const ImageArchive& archive) {
  auto entries = archive.json(manifest);
  if (!entries.is_array()) throw invalid("invalid archive: manifest.json must be a list");
  std::vector<ArchiveImage> images;
  for (const auto& entry : entries) images.push_back(read_image(archive, entry));
  check_parents(images);
  return images;
}

} // namespace gantry::images
