#include <map>
#include <optional>
#include <set>

#include "base/error.hpp"
#include "images/digest.hpp"
#include "images/layer_recipe.hpp"
#include "images/reference.hpp"
#include "images/service_impl.hpp"
#include "images/tar_writer.hpp"

namespace gantry::images {
namespace {

constexpr const char* manifest_type = "application/vnd.oci.image.manifest.v1+json";

/// One image in the archive, with the names under which it was asked for.
struct Saved {
  ImagePtr image;
  std::string config; ///< byte for byte
  std::vector<Layer> layers;
  std::vector<Reference> names;
};

/// An image that one argument of save asks for, and the name that it is saved under.
struct Asked {
  ImagePtr image;
  std::optional<Reference> name;
};

/// All tags of a repository, whatever images they lead to; empty when there is no such repository.
std::vector<Asked> all_of_repository(const Catalogue& catalogue, const Reference& repository) {
  std::vector<Asked> all;
  for (const auto& [name, id] : catalogue.names) {
    auto candidate = parse_reference(name);
    if (candidate.name() != repository.name()) continue;
    const bool tagged = !candidate.tag.empty();
    all.push_back({catalogue.images.at(id), tagged ? std::optional(std::move(candidate)) : std::nullopt});
  }
  return all;
}

/// What one argument of save asks for: all tags of a repository, one name, or an image by id.
std::vector<Asked> asked_by(const Catalogue& catalogue, const ImageService& images, const std::string& text) {
  if (is_hex_id(text) || is_sha256(text)) return {{images.resolve(text), std::nullopt}};
  const auto reference = parse_reference(text);
  if (reference.tag.empty() && reference.digest.empty())
    if (auto all = all_of_repository(catalogue, reference); !all.empty()) return all;
  auto name = reference.key();
  const auto at = catalogue.names.find(name.full());
  if (at == catalogue.names.end()) {
    if (auto by_prefix = catalogue.find(text)) return {{std::move(by_prefix), std::nullopt}};
    throw not_found("No such image: " + text); // as Docker's save, which adds no tag
  }
  return {{catalogue.images.at(at->second), std::move(name)}};
}

/// Layers as they were received: the media type tells how they are compressed.
std::string layer_type(int fd) {
  const std::string tar = "application/vnd.oci.image.layer.v1.tar";
  unsigned char head[4] = {};
  if (::pread(fd, head, sizeof head, 0) != sizeof head) return tar;
  if (head[0] == 0x1f && head[1] == 0x8b) return tar + "+gzip";
  if (head[0] == 0x28 && head[1] == 0xb5 && head[2] == 0x2f && head[3] == 0xfd) return tar + "+zstd";
  return tar;
}

/// Writes blobs once each, and collects what the indexes say.
class ArchiveWriter {
 public:
  ArchiveWriter(const ContentStore& content, UniqueFd out) : content_(content), tar_(std::move(out)) {}

  /// `parent`: id of another one that is saved, empty: none.
  void add(const Saved& saved, const std::string& parent) {
    Json manifest{{"schemaVersion", 2}, {"mediaType", manifest_type}};
    manifest["config"] = add_document(saved.config, "application/vnd.oci.image.config.v1+json");
    manifest["layers"] = Json::array();
    Json entry{{"Config", blob_path(saved.image->id)}, {"RepoTags", nullptr}, {"Layers", Json::array()}};
    for (const auto& layer : saved.layers) {
      manifest["layers"].push_back(add_layer(layer));
      entry["Layers"].push_back(blob_path(layer.blob));
    }
    auto descriptor = add_document(manifest.dump(), manifest_type);
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
  Json add_document(const std::string& bytes, const char* type) {
    auto digest = sha256_of(bytes);
    if (written_.insert(digest).second) tar_.add(blob_path(digest), bytes);
    return {{"mediaType", type}, {"digest", digest}, {"size", bytes.size()}};
  }

  Json add_layer(const Layer& layer) {
    auto blob = content_.open(layer.blob);
    Json descriptor{{"mediaType", layer_type(blob.get())}, {"digest", layer.blob}, {"size", layer.blob_size}};
    if (written_.insert(layer.blob).second) tar_.add(blob_path(layer.blob), blob.get(), layer.blob_size);
    return descriptor;
  }

  const ContentStore& content_;
  TarWriter tar_;
  std::set<std::string> written_;
  Json oci_ = Json::array(), docker_ = Json::array();
};

} // namespace

std::function<void(UniqueFd)> ImageService::save(const std::vector<std::string>& references, const std::string& platform) {
  auto catalogue = impl_->store.catalogue();
  auto saved = std::make_shared<std::map<std::string, Saved>>();
  std::vector<std::string> chains;
  for (const auto& reference : references) {
    for (auto& [image, name] : asked_by(*catalogue, *this, reference)) {
      if (!platform.empty()) image = resolve(name ? name->familiar() : reference, platform);
      auto& entry = (*saved)[image->id];
      if (name) entry.names.push_back(std::move(*name));
      if (entry.image) continue;
      entry.image = image;
      entry.config = impl_->store.config_bytes(image->id);
      for (const auto& chain : image->chains) entry.layers.push_back(catalogue->layers.at(chain));
      chains.insert(chains.end(), image->chains.begin(), image->chains.end());
    }
  }
  auto lease = std::make_shared<ImageStore::Lease>(impl_->store, std::move(chains));
  return [this, saved, lease](UniqueFd out) {
    for (const auto& [id, entry] : *saved)
      for (const auto& layer : entry.layers) make_blob(impl_->paths, impl_->storage, layer, [] {});
    ArchiveWriter writer(impl_->store.content(), std::move(out));
    for (const auto& [id, entry] : *saved) writer.add(entry, saved->contains(entry.image->parent) ? entry.image->parent : "");
    writer.finish();
    for (const auto& [id, entry] : *saved) impl_->publish_event(*entry.image, "save", id);
  };
}

} // namespace gantry::images
