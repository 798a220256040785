#include "registry/image_pull.hpp"

#include "base/error.hpp"
#include "base/failpoint.hpp"
#include "images/document.hpp"
#include "images/intake.hpp"
#include "registry/blob_records.hpp"
#include "registry/layer_pull.hpp"
#include "registry/progress.hpp"
#include "registry/registry_error.hpp"

namespace gantry::registry {
namespace {

/// What a pull stores a name under.
std::vector<std::string> names_for(const images::Reference& reference, const std::string& digest) {
  images::Reference by_digest{reference.domain, reference.path, "", digest};
  std::vector<std::string> names{by_digest.full()};
  if (reference.digest.empty()) names.push_back(reference.key().full());
  return names;
}

/// Whether all layers are in the store; its lease keeps them there.
bool has_all(const images::Intake& intake) {
  for (std::size_t i = 0; i < intake.size(); ++i)
    if (!intake.has(i)) return false;
  return true;
}

} // namespace

ImagePull::ImagePull(RegistryService::Impl& impl, const Repository& repository, Platform wanted, const images::Progress& progress,
                     Cancel& cancel)
    : impl_(impl), repository_(repository), wanted_(std::move(wanted)), progress_(progress), cancel_(cancel) {}

bool ImagePull::run(const images::Reference& reference) {
  const auto asked = reference.digest.empty() ? reference.tag : reference.digest;
  try {
    std::string digest = reference.digest;
    if (digest.empty())
      if (auto head = repository_.head(asked, cancel_)) digest = head->digest;
    const auto shown = reference.digest.empty() ? reference.tag : reference.familiar();
    const auto pulling = status_message("Pulling from " + reference.path, shown);
    if (!digest.empty() && is_up_to_date(reference, digest)) {
      progress_(pulling);
      progress_(status_message("Digest: " + digest));
      return false;
    }
    const auto document = repository_.manifest(asked, digest, cancel_);
    progress_(pulling);
    return pull(reference, document);
  } catch (const RegistryError& e) {
    throw pull_error(e, reference);
  }
}

/// Nothing needs to be asked when every name already means this digest, and that an image for the wanted platform.
bool ImagePull::is_up_to_date(const images::Reference& reference, const std::string& digest) const {
  auto& store = impl_.images.store();
  const auto catalogue = store.catalogue();
  const auto names = names_for(reference, digest);
  std::string best;
  for (const auto& id : catalogue->under(names.front())) {
    const auto platform = platform_of(catalogue->images.at(id)->config);
    if (!runs_on(platform, wanted_)) continue;
    if (best.empty() || is_better(platform, platform_of(catalogue->images.at(best)->config))) best = id;
  }
  if (best.empty()) return false;
  for (const auto& name : names)
    if (!catalogue->leads_to(name, best)) return false;
  for (const auto& name : names)
    if (const auto ids = catalogue->under(name); ids.empty() || ids.front() != best) store.prefer(name, best);
  store.touch(best);
  return true;
}

bool ImagePull::pull(const images::Reference& reference, const Document& document) {
  std::vector<images::Manifest> kept;
  Document manifest = document;
  for (int depth = 0; manifest.is_index(); ++depth) {
    if (depth == 4) throw invalid("invalid manifest: indexes are nested too deeply");
    const auto chosen = choose(parse_index(manifest.body), wanted_).manifest;
    kept.push_back({manifest.digest, manifest.media_type, "", manifest.body});
    manifest = repository_.manifest(chosen.digest, chosen.digest, cancel_);
  }
  kept.push_back({manifest.digest, manifest.media_type, kept.empty() ? "" : document.digest, manifest.body});
  const bool changed = receive(reference, parse_manifest(manifest.body), std::move(kept));
  progress_(status_message("Digest: " + document.digest));
  return changed;
}

bool ImagePull::receive(const images::Reference& reference, const ImageManifest& manifest, std::vector<images::Manifest> kept) {
  const bool known = impl_.images.get(manifest.config.digest) != nullptr;
  const auto config = known ? impl_.images.store().config_bytes(manifest.config.digest)
                            : repository_.blob(manifest.config, images::document_max, cancel_);
  auto intake = impl_.images.begin_intake(config);
  if (intake->size() != manifest.layers.size())
    throw invalid("invalid manifest, layers length mismatch: expected " + std::to_string(intake->size()) + ", got " +
                  std::to_string(manifest.layers.size()));
  check_platform(reference, intake->document());
  const auto settings = impl_.settings();
  // As Docker: an image that is here under another name gets this one too, and nothing is told of its layers.
  if (!known || !has_all(*intake)) {
    LayerPull layers(impl_.downloads, impl_.flights, repository_, *intake, manifest.layers, progress_, cancel_);
    layers.run(static_cast<std::size_t>(settings.max_downloads) + 1);
  }
  failpoint("registry.before_publish");
  cancel_.check();
  const auto digest = kept.front().digest;
  const auto names = names_for(reference, digest);
  const auto before = impl_.images.store().catalogue();
  bool changed = false;
  for (const auto& name : names) changed = changed || !before->leads_to(name, manifest.config.digest);
  intake->publish(names, std::move(kept));
  std::vector<std::string> digests;
  for (const auto& layer : manifest.layers) {
    impl_.downloads.forget(layer.digest);
    digests.push_back(layer.digest);
  }
  BlobRecords(impl_.database).remember_place(digests, reference.domain, reference.path);
  return changed;
}

/// As Docker: an image that is no index comes whatever was asked for, with a warning.
void ImagePull::check_platform(const images::Reference& reference, const Json& config) const {
  const auto actual = platform_of(config);
  if (actual.os.empty() || runs_on(actual, wanted_)) return;
  progress_(status_message("WARNING: image with reference " + reference.shown().familiar() + " was found but its platform (" +
                           actual.text() + ") does not match the specified platform (" + wanted_.text() + ")"));
}

} // namespace gantry::registry
