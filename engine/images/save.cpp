#include <algorithm>
#include <map>
#include <optional>
#include <set>

#include "base/error.hpp"
#include "images/digest.hpp"
#include "images/image_target.hpp"
#include "images/layer_recipe.hpp"
#include "images/media_types.hpp"
#include "images/reference.hpp"
#include "images/service_impl.hpp"
#include "images/tar_writer.hpp"

namespace gantry::images {
namespace {

/// What one argument of save asks for: the images of a name, the one that it means without a platform first.
struct Asked {
  std::vector<ImagePtr> images;
  std::optional<Reference> name;
};

std::vector<ImagePtr> images_under(const Catalogue& catalogue, const std::string& name) {
  std::vector<ImagePtr> images;
  for (const auto& id : catalogue.under(name)) images.push_back(catalogue.images.at(id));
  return images;
}

/// All tags of a repository, whatever images they lead to; empty when there is no such repository.
std::vector<Asked> all_of_repository(const Catalogue& catalogue, const Reference& repository) {
  std::vector<Asked> all;
  for (const auto& [name, id] : catalogue.names) {
    auto candidate = parse_reference(name);
    if (candidate.name() != repository.name()) continue;
    const bool tagged = !candidate.tag.empty();
    all.push_back({images_under(catalogue, name), tagged ? std::optional(std::move(candidate)) : std::nullopt});
  }
  return all;
}

/// All tags of a repository, one name, or an image by id.
std::vector<Asked> asked_by(const Catalogue& catalogue, const ImageService& images, const std::string& text) {
  if (is_hex_id(text) || is_sha256(text)) return {{{images.resolve(text)}, std::nullopt}};
  const auto reference = parse_reference(text);
  if (reference.tag.empty() && reference.digest.empty())
    if (auto all = all_of_repository(catalogue, reference); !all.empty()) return all;
  auto name = reference.key();
  auto under = images_under(catalogue, name.full());
  if (under.empty()) {
    if (auto by_prefix = catalogue.find(text)) return {{{std::move(by_prefix)}, std::nullopt}};
    throw not_found("No such image: " + text); // as Docker's save, which adds no tag
  }
  return {{std::move(under), std::move(name)}};
}

/// Of what was asked for these platforms only, each once; not_found when one is not there.
void keep_platforms(Asked& asked, const std::string& reference, const std::vector<Platform>& platforms) {
  if (platforms.empty()) return;
  std::vector<ImagePtr> chosen;
  for (const auto& wanted : platforms) {
    auto image = choose_platform(asked.images, wanted);
    if (!image) throw platform_missing(reference, wanted, *asked.images.front());
    if (std::find(chosen.begin(), chosen.end(), image) == chosen.end()) chosen.push_back(std::move(image));
  }
  asked.images = std::move(chosen);
}

/// Images that are saved as one: those of one name, with all names that lead to the same ones.
struct Saved {
  std::vector<ImagePtr> images; ///< what old readers get is first
  ImageTarget target;           ///< of several images
  std::vector<Reference> names;
};

using Configs = std::map<std::string, std::string>;

/// Writes blobs once each, and collects what the indexes say.
class ArchiveWriter {
 public:
  /// `configs`: by id, read before the first byte: an image may be removed while it is written.
  ArchiveWriter(const ContentStore& content, CataloguePtr catalogue, const Configs& configs, UniqueFd out)
      : content_(content), catalogue_(std::move(catalogue)), configs_(configs), tar_(std::move(out)) {}

  /// `parent`: id of another one that is saved, empty: none.
  void add(const Saved& saved, const std::string& parent) {
    auto descriptor = saved.images.size() == 1 ? add_image(*saved.images.front()) : add_index(saved);
    Json entry{{"Config", blob_path(saved.images.front()->id)}, {"RepoTags", nullptr}, {"Layers", Json::array()}};
    for (const auto& chain : saved.images.front()->chains)
      entry["Layers"].push_back(blob_path(catalogue_->layers.at(chain).blob));
    if (saved.names.empty()) oci_.push_back(descriptor);
    for (const auto& name : saved.names) {
      entry["RepoTags"].push_back(name.familiar());
      descriptor["annotations"] = {{"io.containerd.image.name", name.full()}, {"org.opencontainers.image.ref.name", name.tag}};
      oci_.push_back(descriptor);
    }
    if (!parent.empty()) entry["Parent"] = parent;
    docker_.push_back(std::move(entry));
  }

  void finish() {
    tar_.add("index.json", Json{{"schemaVersion", 2}, {"manifests", oci_}}.dump());
    tar_.add("manifest.json", docker_.dump());
    tar_.add("oci-layout", R"({"imageLayoutVersion":"1.0.0"})");
    tar_.finish();
  }

 private:
  Json add_document(const std::string& bytes, const std::string& type) {
    auto digest = sha256_of(bytes);
    if (written_.insert(digest).second) tar_.add(blob_path(digest), bytes);
    return {{"mediaType", type}, {"digest", digest}, {"size", bytes.size()}};
  }

  void add_blobs(const Image& image) {
    add_document(configs_.at(image.id), "");
    for (const auto& chain : image.chains) {
      const auto& layer = catalogue_->layers.at(chain);
      if (!written_.insert(layer.blob).second) continue;
      auto blob = content_.open(layer.blob);
      tar_.add(blob_path(layer.blob), blob.get(), layer.blob_size);
    }
  }

  Json add_image(const Image& image) {
    add_blobs(image);
    const auto manifest = archive_manifest(content_, *catalogue_, image, configs_.at(image.id).size());
    return add_document(manifest.body, manifest.media_type);
  }

  /// Byte for byte when all of it is saved; else one of what is saved, so that readers miss nothing in it.
  Json add_index(const Saved& saved) {
    Json list = Json::array();
    for (const auto& image : saved.images) list.push_back(add_manifest(saved.target, *image));
    const auto& index = saved.target.index;
    if (index && saved.target.manifests.size() == list.size() && saved.target.is_whole())
      return add_document(index->body, index->media_type);
    const std::string type(media::oci_index);
    return add_document(Json{{"schemaVersion", 2}, {"mediaType", type}, {"manifests", list}}.dump(), type);
  }

  /// One of several: as the index has it, if it came with one.
  Json add_manifest(const ImageTarget& target, const Image& image) {
    for (const auto& manifest : target.manifests) {
      if (!target.index || !manifest.image || manifest.image->id != image.id) continue;
      add_blobs(image);
      add_document(manifest.manifest->body, "");
      return manifest.descriptor;
    }
    auto descriptor = add_image(image);
    descriptor["platform"] = platform_json(platform_of(image.config));
    return descriptor;
  }

  const ContentStore& content_;
  const CataloguePtr catalogue_;
  const Configs& configs_;
  TarWriter tar_;
  std::set<std::string> written_;
  Json oci_ = Json::array(), docker_ = Json::array();
};

/// By the ids of the images.
using AllSaved = std::map<std::vector<std::string>, Saved>;

void add_asked(AllSaved& all, Asked asked) {
  std::vector<std::string> ids;
  for (const auto& image : asked.images) ids.push_back(image->id);
  auto& saved = all[ids];
  saved.images = std::move(asked.images);
  if (asked.name) saved.names.push_back(std::move(*asked.name));
}

} // namespace

std::function<void(UniqueFd)> ImageService::save(const std::vector<std::string>& references,
                                                 const std::vector<std::string>& platforms) {
  std::vector<Platform> wanted;
  for (const auto& platform : platforms) wanted.push_back(parse_platform(platform));
  auto catalogue = impl_->store.catalogue();
  auto all = std::make_shared<AllSaved>();
  for (const auto& reference : references) {
    for (auto& asked : asked_by(*catalogue, *this, reference)) {
      keep_platforms(asked, reference, wanted);
      add_asked(*all, std::move(asked));
    }
  }
  std::vector<std::string> chains;
  std::map<std::string, ImagePtr> images;
  Configs configs;
  for (auto& [ids, saved] : *all) {
    if (saved.images.size() > 1) saved.target = target_of(impl_->store, saved.images);
    for (const auto& image : saved.images) {
      images[image->id] = image;
      configs[image->id] = impl_->store.config_bytes(image->id);
      chains.insert(chains.end(), image->chains.begin(), image->chains.end());
    }
  }
  auto lease = std::make_shared<ImageStore::Lease>(impl_->store, chains);
  return [this, all, images, configs = std::move(configs), catalogue, chains = std::move(chains), lease](UniqueFd out) {
    for (const auto& chain : chains) make_blob(impl_->paths, impl_->storage, catalogue->layers.at(chain), [] {});
    ArchiveWriter writer(impl_->store.content(), catalogue, configs, std::move(out));
    for (const auto& [ids, saved] : *all) {
      const auto& parent = saved.images.front()->parent;
      writer.add(saved, images.contains(parent) ? parent : "");
    }
    writer.finish();
    for (const auto& [id, image] : images) impl_->publish_event(*image, "save", id);
  };
}

} // namespace gantry::images
