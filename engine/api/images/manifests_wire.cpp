#include "api/images/manifests_wire.hpp"

#include <algorithm>
#include <map>
#include <memory>

namespace gantry::api {
namespace {

using gantry::images::Catalogue;
using gantry::images::Image;
using gantry::images::ImageStore;
using gantry::images::TargetManifest;

/// Bytes of the manifest, the config and the layers as they are stored.
std::uint64_t content_size(ImageStore& store, const Catalogue& catalogue, const TargetManifest& manifest) {
  if (!manifest.image) return 0;
  std::uint64_t size = manifest.manifest->body.size() + store.config_bytes(manifest.image->id).size();
  for (const auto& chain : manifest.image->chains)
    if (const auto layer = catalogue.layers.find(chain); layer != catalogue.layers.end()) size += layer->second.blob_size;
  return size;
}

/// The index's word, else the config's.
Json platform_of(const TargetManifest& manifest) {
  if (const auto at = manifest.descriptor.find("platform"); at != manifest.descriptor.end() && at->is_object()) return *at;
  if (manifest.image) return gantry::images::platform_json(gantry::images::platform_of(manifest.image->config));
  return {{"architecture", ""}, {"os", ""}};
}

Json manifest_summary(ImageStore& store, const Catalogue& catalogue, const TargetManifest& manifest,
                      const ContainersOf& containers) {
  const auto content = content_size(store, catalogue, manifest);
  const std::uint64_t unpacked = manifest.image ? manifest.image->size : 0;
  Json json;
  json["ID"] = manifest.descriptor["digest"];
  json["Descriptor"] = manifest.descriptor;
  json["Available"] = manifest.image != nullptr;
  json["Size"] = {{"Content", content}, {"Total", content + unpacked}};
  if (!manifest.attests.empty()) {
    json["Kind"] = "attestation";
    json["AttestationData"]["For"] = manifest.attests;
    return json;
  }
  json["Kind"] = "image";
  auto& data = json["ImageData"];
  data["Platform"] = platform_of(manifest);
  data["Containers"] = manifest.image ? Json(containers(manifest.image->id)) : Json::array();
  data["Size"]["Unpacked"] = unpacked;
  return json;
}

} // namespace

ContainersOf containers_by_image(const gantry::containers::ContainerService& containers) {
  auto by_image = std::make_shared<std::map<std::string, std::vector<std::string>>>();
  for (const auto& container : containers.list()) (*by_image)[container->image_id].push_back(container->id);
  return [by_image](const std::string& image_id) { return (*by_image)[image_id]; };
}

void add_manifests(Json& image, ImageStore& store, const gantry::images::ImageTarget& target, const ContainersOf& containers) {
  const auto catalogue = store.catalogue();
  auto list = Json::array();
  for (const auto& manifest : target.manifests) list.push_back(manifest_summary(store, *catalogue, manifest, containers));
  image["Manifests"] = std::move(list);
  image["Descriptor"] = target.descriptor();
}

std::vector<gantry::images::ImagePtr> platforms_beside(const Catalogue& catalogue, const gantry::images::ImagePtr& image) {
  for (const auto& name : catalogue.names_of(image->id)) {
    const auto ids = catalogue.under(name);
    if (ids.size() < 2 || ids.front() != image->id) continue;
    std::vector<gantry::images::ImagePtr> all;
    for (const auto& id : ids) all.push_back(catalogue.images.at(id));
    return all;
  }
  return {image};
}

bool is_second(const Catalogue& catalogue, const Image& image) {
  const auto names = catalogue.names_of(image.id);
  return !names.empty() && std::none_of(names.begin(), names.end(), [&](const auto& name) {
    const auto main = catalogue.names.find(name);
    return main != catalogue.names.end() && main->second == image.id;
  });
}

} // namespace gantry::api
