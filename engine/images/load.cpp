#include <fcntl.h>

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

/// Of a docker-archive, where every image is of one platform, those of the wanted one.
std::vector<ArchiveImage> read_platform(const ImageArchive& archive, const Platform& wanted) {
  auto images = read_docker_archive(archive);
  std::erase_if(images, [&](const auto& image) {
    return !runs_on(platform_of(parse_document(image.config, "invalid image config")), wanted);
  });
  if (images.empty()) throw invalid("no image for " + wanted.text() + " in the archive");
  return images;
}

std::vector<ArchiveImage> read_images(const ImageArchive& archive, const std::string& platform) {
  if (archive.has("manifest.json"))
    return platform.empty() ? read_docker_archive(archive) : read_platform(archive, parse_platform(platform));
  if (archive.has("index.json")) return read_oci_layout(archive, parse_platform(platform));
  throw invalid("invalid archive: does not contain a manifest.json");
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
  EarlyUnpack early(impl_->storage, impl_->store.catalogue());
  ImageArchive archive(std::move(in), ingest, [&](const ReceivedFile& file) { early.offer(file); });
  failpoint("images.after_receive");
  auto images = read_images(archive, options.platform);
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
