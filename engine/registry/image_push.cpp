#include "registry/image_push.hpp"

#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <thread>

#include "base/error.hpp"
#include "base/id.hpp"
#include "base/time.hpp"
#include "images/decompress.hpp"
#include "images/digest.hpp"
#include "images/layer_recipe.hpp"
#include "images/media_types.hpp"
#include "registry/backoff.hpp"
#include "registry/layer_packer.hpp"
#include "registry/progress.hpp"
#include "registry/registry_error.hpp"

namespace gantry::registry {
namespace {

constexpr std::int64_t sent_told_every_ns = 100'000'000;

images::Packing packing_at(const images::ContentStore& content, const std::string& digest) {
  char head[images::packing_head] = {};
  const auto file = content.open(digest);
  const auto n = ::pread(file.get(), head, sizeof head, 0);
  return images::packing_of({head, n < 0 ? 0 : static_cast<std::size_t>(n)});
}

std::string layer_type(images::Packing packing, bool oci) {
  if (packing == images::Packing::zstd) return std::string(media::oci_layer_zstd);
  return std::string(oci ? media::oci_layer_gzip : media::docker_layer_gzip);
}

Json descriptor_json(const Descriptor& d) {
  Json json{{"mediaType", d.media_type}, {"size", d.size}, {"digest", d.digest}};
  if (!d.urls.empty()) json["urls"] = d.urls;
  return json;
}

} // namespace

ImagePush::ImagePush(RegistryService::Impl& impl, const Repository& repository, std::string domain,
                     const images::Progress& progress, Cancel& cancel)
    : impl_(impl),
      repository_(repository),
      domain_(std::move(domain)),
      progress_(progress),
      cancel_(cancel),
      stopped_(cancel, [this] { stop_.set(); }),
      settings_(impl.settings()),
      uploads_(repository),
      records_(impl.database),
      ingest_(impl.paths) {}

std::string ImagePush::id(const Outgoing& out) const { return short_id(out.layer.diff_id); }

void ImagePush::tell(const Outgoing& out, const std::string& status) const { progress_(step_message(id(out), status)); }

void ImagePush::run(const images::Reference& reference, const images::Image& image) {
  const auto manifest = send_image(image, std::nullopt);
  put_manifest(repository_, reference.shown().tag, manifest, cancel_);
  // The digest becomes a name of the image, and the same bytes go out the next time.
  auto& store = impl_.images.store();
  std::vector<images::UnpackedLayer> none;
  const images::Reference by_digest{reference.domain, reference.path, "", manifest.digest};
  store.publish(none, {{store.config_bytes(image.id), {by_digest.full()}, {manifest}}});
  remember(manifest);
  tell_pushed(progress_, reference.shown().tag, manifest);
}

void ImagePush::run_of_index(const images::Image& image, const images::Manifest& manifest) {
  put_manifest(repository_, manifest.digest, send_image(image, manifest), cancel_);
  remember(manifest);
}

images::Manifest ImagePush::send_image(const images::Image& image, std::optional<images::Manifest> wanted) {
  // No prune takes the layers while they are sent.
  images::ImageStore::Lease lease(impl_.images.store(), image.chains);
  const auto layers = layers_of(image);
  prepare(layers);
  if (!wanted) wanted = original(image, layers);
  std::optional<ImageManifest> parsed;
  if (wanted) parsed = parse_manifest(wanted->body);
  auto all = outgoing(layers, parsed ? &*parsed : nullptr);
  send_all(all);
  const auto config = send_config(image);
  return wanted ? *wanted : made_manifest(config, all);
}

std::vector<images::Layer> ImagePush::layers_of(const images::Image& image) const {
  const auto catalogue = impl_.images.store().catalogue();
  std::vector<images::Layer> layers;
  for (const auto& chain : image.chains) {
    auto at = catalogue->layers.find(chain);
    if (at == catalogue->layers.end()) throw not_found("No such image: " + image.id);
    layers.push_back(at->second);
  }
  return layers;
}

void ImagePush::prepare(const std::vector<images::Layer>& layers) const {
  for (auto at = layers.rbegin(); at != layers.rend(); ++at) tell({*at, {}}, "Preparing");
  for (const auto& layer : layers) images::make_blob(impl_.images, layer, [&] { cancel_.check(); });
}

std::optional<images::Manifest> ImagePush::original(const images::Image& image, const std::vector<images::Layer>& layers) {
  for (auto& manifest : impl_.images.store().manifests(image.id)) {
    if (manifest.media_type != media::docker_manifest && manifest.media_type != media::oci_manifest) continue;
    const auto parsed = parse_manifest(manifest.body);
    if (parsed.config.digest != image.id || parsed.layers.size() != layers.size()) continue;
    bool whole = true;
    for (std::size_t i = 0; i < layers.size(); ++i)
      whole = whole && (parsed.layers[i].digest == layers[i].blob || was_packed_into(layers[i], parsed.layers[i].digest));
    if (whole) return manifest;
  }
  return std::nullopt;
}

/// Compressing it again gives the same blob.
bool ImagePush::was_packed_into(const images::Layer& layer, const std::string& digest) {
  const auto packed = records_.packed(layer.diff_id, settings_.layer_packing);
  return packed && packed->digest == digest;
}

std::vector<ImagePush::Outgoing> ImagePush::outgoing(const std::vector<images::Layer>& layers, const ImageManifest* original) {
  std::vector<Outgoing> all;
  for (std::size_t i = 0; i < layers.size(); ++i) {
    Outgoing out{layers[i], {}, false};
    if (original) {
      out.descriptor = original->layers[i];
      out.foreign = is_foreign(out.descriptor);
    } else if (auto packing = packing_at(impl_.images.store().content(), layers[i].blob);
               packing == images::Packing::gzip || packing == images::Packing::zstd) {
      out.descriptor = {layer_type(packing, false), layers[i].blob, layers[i].blob_size};
    } else if (auto packed = records_.packed(layers[i].diff_id, settings_.layer_packing)) {
      const auto kind = settings_.layer_packing == "zstd" ? images::Packing::zstd : images::Packing::gzip;
      out.descriptor = {layer_type(kind, false), packed->digest, packed->size};
    }
    all.push_back(std::move(out));
  }
  return all;
}

void ImagePush::send_all(std::vector<Outgoing>& all) {
  const auto workers = std::min(all.size(), static_cast<std::size_t>(settings_.max_uploads));
  for (std::size_t i = workers; i < all.size(); ++i) tell(all[i], "Waiting");
  std::atomic<std::size_t> next = 0;
  std::mutex guard;
  std::exception_ptr failure;
  auto work = [&] {
    try {
      for (std::size_t i; !stop_.is_set() && (i = next++) < all.size();) send(all[i]);
    } catch (...) {
      std::lock_guard lock(guard);
      if (!failure) failure = std::current_exception();
      stop_.set();
    }
  };
  std::vector<std::thread> threads;
  for (std::size_t i = 1; i < workers; ++i) threads.emplace_back(work);
  work();
  for (auto& thread : threads) thread.join();
  if (failure) std::rethrow_exception(failure);
  cancel_.check();
}

void ImagePush::send(Outgoing& out) {
  if (out.foreign) return tell(out, "Skipped foreign layer");
  const bool here = !out.descriptor.digest.empty() && out.descriptor.digest == out.layer.blob;
  if (!out.descriptor.digest.empty() && is_there(out)) return;
  if (here) {
    upload(out, impl_.paths.blob(out.layer.blob));
  } else {
    pack_and_send(out);
  }
}

/// In the repository already, or in another one of the same registry.
bool ImagePush::is_there(const Outgoing& out) {
  const auto& digest = out.descriptor.digest;
  if (uploads_.exists(digest, stop_)) {
    tell(out, "Layer already exists");
    return true;
  }
  for (const auto& from : records_.places(digest, domain_, repository_.path())) {
    repository_.client()->authorizer().add_scope("repository:" + from + ":pull");
    if (uploads_.mount(digest, from, stop_)) {
      tell(out, "Mounted from " + images::Reference{"docker.io", from, "", ""}.familiar_name());
      return true;
    }
    records_.forget_place(digest, domain_, from);
  }
  return false;
}

void ImagePush::pack_and_send(Outgoing& out) {
  std::string path;
  {
    std::lock_guard lock(naming_);
    path = ingest_.new_path();
  }
  images::ReceivedFile file;
  {
    auto slot = impl_.packing.take(stop_);
    const auto tar = impl_.images.store().content().open(out.layer.blob);
    file = pack_layer(tar.get(), path, settings_.layer_packing, stop_);
  }
  if (out.descriptor.digest != file.digest) {
    const auto kind = settings_.layer_packing == "zstd" ? images::Packing::zstd : images::Packing::gzip;
    out.descriptor = {layer_type(kind, false), file.digest, file.size};
    records_.remember_packed(out.layer.diff_id, settings_.layer_packing, {file.digest, file.size});
    if (is_there(out)) return;
  }
  upload(out, path);
}

void ImagePush::upload(const Outgoing& out, const std::string& path) {
  std::int64_t told_ns = 0;
  auto progress = [&](std::uint64_t sent) {
    const auto now = now_ns();
    if (now - told_ns < sent_told_every_ns && sent < out.descriptor.size) return;
    told_ns = now;
    progress_(bytes_message(id(out), "Pushing", sent, out.descriptor.size));
  };
  uploads_.send({out.descriptor.digest, out.descriptor.size, path}, progress, stop_);
  tell(out, "Pushed");
}

Descriptor ImagePush::send_config(const images::Image& image) {
  const auto bytes = impl_.images.store().config_bytes(image.id);
  if (!uploads_.exists(image.id, cancel_))
    uploads_.send(
        {image.id, bytes.size(), "", bytes}, [](std::uint64_t) {}, cancel_);
  return {std::string(media::docker_config), image.id, bytes.size()};
}

/// Docker's form, which every registry takes; zstd exists in OCI's only.
images::Manifest ImagePush::made_manifest(const Descriptor& config, const std::vector<Outgoing>& layers) const {
  const bool oci = std::any_of(layers.begin(), layers.end(),
                               [](const auto& out) { return out.descriptor.media_type == media::oci_layer_zstd; });
  Json manifest{{"schemaVersion", 2}, {"mediaType", oci ? media::oci_manifest : media::docker_manifest}};
  auto head = config;
  if (oci) head.media_type = media::oci_config;
  manifest["config"] = descriptor_json(head);
  manifest["layers"] = Json::array();
  for (const auto& out : layers) {
    auto layer = out.descriptor;
    if (oci && layer.media_type == media::docker_layer_gzip) layer.media_type = media::oci_layer_gzip;
    manifest["layers"].push_back(descriptor_json(layer));
  }
  auto body = manifest.dump(3);
  return {images::sha256_of(body), manifest["mediaType"], "", body};
}

void ImagePush::remember(const images::Manifest& manifest) {
  std::vector<std::string> digests;
  for (const auto& layer : parse_manifest(manifest.body).layers) digests.push_back(layer.digest);
  records_.remember_place(digests, domain_, repository_.path());
}

void put_manifest(const Repository& repository, const std::string& name, const images::Manifest& manifest, Cancel& cancel) {
  with_retries(repository.attempts(), cancel, [&] {
    HttpRequest request;
    request.method = "PUT";
    request.url = repository.url("manifests/" + name);
    request.headers.emplace_back("Content-Type", manifest.media_type);
    request.body = manifest.body;
    return repository.client()->call(request, cancel);
  });
}

void tell_pushed(const images::Progress& progress, const std::string& tag, const images::Manifest& manifest) {
  const auto size = manifest.body.size();
  progress(status_message(tag + ": digest: " + manifest.digest + " size: " + std::to_string(size)));
  progress({{"progressDetail", Json::object()}, {"aux", {{"Tag", tag}, {"Digest", manifest.digest}, {"Size", size}}}});
}

} // namespace gantry::registry
