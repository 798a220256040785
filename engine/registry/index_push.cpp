#include "registry/index_push.hpp"

#include <algorithm>

#include "base/error.hpp"
#include "images/naming.hpp"
#include "registry/image_push.hpp"

namespace gantry::registry {

IndexPush::IndexPush(RegistryService::Impl& impl, const Repository& repository, std::string domain,
                     const images::Progress& progress, Cancel& cancel)
    : impl_(impl), repository_(repository), domain_(std::move(domain)), progress_(progress), cancel_(cancel) {}

void IndexPush::run(const images::Reference& reference, const std::vector<images::ImagePtr>& images) {
  const auto target = images::target_of(impl_.images.store(), images);
  if (!target.index) return push_one(reference, *images.front());
  if (is_complete(target)) return push_all(reference, images, target);
  if (images.size() > 1 && !images::runs_here(*images.front()))
    throw conflict("multiple matching manifests found but no specific platform requested");
  push_one(reference, *images.front());
  tell_reduced(target, *images.front());
}

/// A registry takes an index when it has all of its manifests: what is not here (attestations, say) may be there.
bool IndexPush::is_complete(const images::ImageTarget& target) {
  return std::all_of(target.manifests.begin(), target.manifests.end(), [&](const auto& manifest) {
    if (manifest.manifest) return true;
    const std::string digest = manifest.descriptor["digest"];
    const auto there = repository_.head(digest, cancel_);
    return there && there->digest == digest;
  });
}

void IndexPush::push_all(const images::Reference& reference, const std::vector<images::ImagePtr>& images,
                         const images::ImageTarget& target) {
  std::vector<images::NewImage> named;
  const images::Reference by_digest{reference.domain, reference.path, "", target.index->digest};
  for (auto image = images.rbegin(); image != images.rend(); ++image) {
    for (const auto& one : target.manifests) {
      if (one.image != *image) continue;
      const auto& manifest = *one.manifest;
      ImagePush(impl_, repository_, domain_, progress_, cancel_).run_of_index(**image, manifest);
      named.push_back({impl_.images.store().config_bytes((*image)->id), {by_digest.full()}, {*target.index, manifest}});
    }
  }
  const auto tag = reference.shown().tag;
  put_manifest(repository_, tag, *target.index, cancel_);
  std::vector<images::UnpackedLayer> none;
  impl_.images.store().publish(none, named);
  tell_pushed(progress_, tag, *target.index);
}

void IndexPush::push_one(const images::Reference& reference, const images::Image& image) {
  ImagePush(impl_, repository_, domain_, progress_, cancel_).run(reference, image);
}

/// As Docker tells it; its client makes a note of that.
void IndexPush::tell_reduced(const images::ImageTarget& target, const images::Image& image) const {
  for (const auto& manifest : target.manifests) {
    if (!manifest.image || manifest.image->id != image.id) continue;
    progress_({{"progressDetail", Json::object()},
               {"aux",
                {{"manifestPushedInsteadOfIndex", true},
                 {"originalIndex", target.descriptor()},
                 {"selectedManifest", manifest.descriptor}}}});
    return;
  }
}

} // namespace gantry::registry
