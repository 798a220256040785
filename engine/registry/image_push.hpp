#pragma once

#include <mutex>

#include "images/image_store.hpp"
#include "images/reference.hpp"
#include "registry/blob_records.hpp"
#include "registry/service_impl.hpp"
#include "registry/upload.hpp"

namespace gantry::registry {

/// Pushes one image.
class ImagePush {
 public:
  ImagePush(RegistryService::Impl&, const Repository&, std::string domain, const images::Progress&, Cancel&);

  /// Sends what the image is made of, and its manifest under the reference's tag.
  void run(const images::Reference& reference, const images::Image& image);
  /// The same for an image of an index: its manifest goes out as it is there, under its digest.
  void run_of_index(const images::Image& image, const images::Manifest& manifest);

 private:
  /// One layer on its way out.
  struct Outgoing {
    images::Layer layer;
    Descriptor descriptor; ///< of the blob; digest empty: it must be compressed first
    bool foreign = false;  ///< stays where its URLs say
  };

  std::vector<images::Layer> layers_of(const images::Image&) const;
  /// Layers and config; gives the manifest of them: `wanted`, the original one, or a new one.
  images::Manifest send_image(const images::Image&, std::optional<images::Manifest> wanted);
  void prepare(const std::vector<images::Layer>&) const;
  /// The manifest that a registry gave for the image, when all of its blobs are here as they came.
  std::optional<images::Manifest> original(const images::Image&, const std::vector<images::Layer>&);
  bool was_packed_into(const images::Layer&, const std::string& digest);
  std::vector<Outgoing> outgoing(const std::vector<images::Layer>&, const ImageManifest* original);
  void send_all(std::vector<Outgoing>&);
  void send(Outgoing&);
  bool is_there(const Outgoing&);
  void pack_and_send(Outgoing&);
  void upload(const Outgoing&, const std::string& path);
  Descriptor send_config(const images::Image&);
  images::Manifest made_manifest(const Descriptor& config, const std::vector<Outgoing>&) const;
  void remember(const images::Manifest&);
  std::string id(const Outgoing&) const;
  void tell(const Outgoing&, const std::string& status) const;

  RegistryService::Impl& impl_;
  const Repository& repository_;
  const std::string domain_;
  const images::Progress& progress_;
  Cancel& cancel_;
  Cancel stop_; ///< the caller's cancel, or a failure of another layer
  Cancel::Subscription stopped_;
  const Settings settings_;
  Uploads uploads_;
  BlobRecords records_;
  images::Ingest ingest_;
  std::mutex naming_; ///< of paths in the ingest
};

/// PUT under a tag or digest.
void put_manifest(const Repository&, const std::string& name, const images::Manifest&, Cancel&);
/// What the client is told at the end of the push of a tag.
void tell_pushed(const images::Progress&, const std::string& tag, const images::Manifest&);

} // namespace gantry::registry
