#include <fcntl.h>

#include <algorithm>
#include <set>

#include "base/error.hpp"
#include "base/failpoint.hpp"
#include "base/file.hpp"
#include "base/id.hpp"
#include "images/archive_image.hpp"
#include "images/digest.hpp"
#include "images/document.hpp"
#include "images/early_unpack.hpp"
#include "images/reference.hpp"
#include "images/service_impl.hpp"

namespace gantry::images {
namespace {

Platform platform_of_image(const ArchiveImage& image) {
  return platform_of(parse_document(image.config, "invalid image config"));
}

/// Those for the wanted platforms; each of them must be there.
std::vector<ArchiveImage> keep_wanted(std::vector<ArchiveImage> images, const std::vector<Platform>& wanted) {
  if (wanted.empty()) return images;
  std::vector<Platform> found;
  for (const auto& image : images) found.push_back(platform_of_image(image));
  for (const auto& one : wanted)
    if (std::none_of(found.begin(), found.end(), [&](const auto& platform) { return runs_on(platform, one); }))
      throw invalid("no image for " + one.text() + " in the archive");
  std::erase_if(images, [&](const auto& image) {
    const auto platform = platform_of_image(image);
    return std::none_of(wanted.begin(), wanted.end(), [&](const auto& one) { return runs_on(platform, one); });
  });
  return images;
}

/// An archive of both forms: docker's has names and parents, OCI's the images of further platforms and the manifests.
std::vector<ArchiveImage> join(std::vector<ArchiveImage> images, std::vector<ArchiveImage> layout) {
  for (auto& more : layout) {
    if (more.manifests.empty()) continue; // no index: docker's form has it
    const auto same = std::find_if(images.begin(), images.end(), [&](const auto& one) { return one.config == more.config; });
    if (same == images.end()) {
      images.push_back(std::move(more));
      continue;
    }
    same->manifests = std::move(more.manifests);
    for (auto& name : more.names)
      if (std::find(same->names.begin(), same->names.end(), name) == same->names.end()) same->names.push_back(std::move(name));
  }
  return images;
}

std::vector<ArchiveImage> read_images(const ImageArchive& archive, const std::vector<std::string>& platforms) {
  std::vector<Platform> wanted;
  for (const auto& platform : platforms) wanted.push_back(parse_platform(platform));
  std::vector<ArchiveImage> images;
  if (archive.has("manifest.json")) {
    images = read_docker_archive(archive);
    if (archive.has("oci-layout") && archive.has("index.json"))
      images = join(std::move(images), read_oci_layout(archive, wanted));
  } else if (archive.has("index.json")) {
    images = read_oci_layout(archive, wanted);
    if (images.empty() && wanted.empty()) throw invalid("no image in the archive");
  } else {
    throw invalid("invalid archive: does not contain a manifest.json");
  }
  return keep_wanted(std::move(images), wanted);
}

std::vector<std::string> chains_of(const std::vector<ArchiveImage>& images) {
  std::vector<std::string> all;
  for (const auto& image : images)
    for (auto& chain : chain_ids(image.diff_ids)) all.push_back(std::move(chain));
  return all;
}

/// The layers that are not there yet, each once, base first.
std::vector<LayerPlan> missing_layers(const std::vector<ArchiveImage>& images, const Catalogue& catalogue) {
  std::vector<LayerPlan> plans;
  std::set<std::string> seen;
  for (const auto& image : images) {
    auto chains = chain_ids(image.diff_ids);
    for (std::size_t i = 0; i < chains.size(); ++i)
      if (!catalogue.layers.contains(chains[i]) && seen.insert(chains[i]).second)
        plans.push_back({chains[i], i ? chains[i - 1] : "", image.diff_ids[i], image.layers[i]});
  }
  return plans;
}

void report_layer(const Progress& progress, const UnpackedLayer& layer) {
  auto size = layer.plan.blob.size;
  progress({{"status", "Loading layer"},
            {"progressDetail", {{"current", size}, {"total", size}}},
            {"id", short_id(layer.plan.diff_id)}});
}

void report_moved(const Progress& progress, const std::vector<MovedName>& moved) {
  for (const auto& [name, from] : moved)
    progress({{"stream", "The image " + parse_reference(name).familiar() + " already exists, renaming the old one with ID " +
                             from + " to empty string\n"}});
}

void report_image(const Progress& progress, const std::string& id, const ArchiveImage& image) {
  if (image.names.empty()) progress({{"stream", "Loaded image ID: " + id + "\n"}});
  for (const auto& name : image.names) progress({{"stream", "Loaded image: " + parse_reference(name).familiar() + "\n"}});
}

} // namespace

std::vector<std::string> ImageService::load(UniqueFd in, const Progress& progress, const LoadOptions& options) {
  Ingest ingest(impl_->paths);
  EarlyUnpack early(impl_->storage, impl_->store.catalogue(), impl_->paths.ingest());
  ImageArchive archive(std::move(in), ingest, early);
  failpoint("images.after_receive");
  auto images = read_images(archive, options.platforms);
  if (options.unnamed)
    for (auto& image : images) image.names.clear();
  ImageStore::Lease lease(impl_->store, chains_of(images));
  auto plans = missing_layers(images, *impl_->store.catalogue());
  auto layers = early.take(plans, [&](const UnpackedLayer& layer) { report_layer(progress, layer); });
  failpoint("images.after_unpack");
  std::vector<NewImage> added;
  for (const auto& image : images) added.push_back({image.config, image.names, image.manifests, image.parent});
  report_moved(progress, impl_->store.publish(layers, added));
  std::vector<std::string> ids;
  for (const auto& image : images) {
    auto id = sha256_of(image.config);
    ids.push_back(id);
    if (auto loaded = get(id)) impl_->publish_event(*loaded, "load", id);
    report_image(progress, id, image);
  }
  return ids;
}

void ImageService::ensure_embedded(const std::string& archive_path) {
  auto digest = sha256_of(read_file(archive_path, 64 << 20));
  if (impl_->store.was_embedded(digest)) return;
  load(open_file(archive_path, O_RDONLY), [](const Json&) {});
  impl_->store.remember_embedded(digest);
}

} // namespace gantry::images
