#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "images/image_store.hpp"

namespace gantry::images {

/// An image on its way in. Layers are unpacked in any order and on any thread, and taken into the store base first; the image
/// itself becomes visible last, in one step. Until then its layers are leased: no prune takes them. What was taken over and
/// never became an image goes on destruction.
class Intake {
 public:
  /// invalid when the config is no image of this machine's kind.
  Intake(const state::Paths&, StorageDriver&, ImageStore&, std::string config);

  std::size_t size() const { return diff_ids_.size(); }
  const std::string& diff_id(std::size_t layer) const { return diff_ids_.at(layer); }
  const std::string& chain(std::size_t layer) const { return chains_.at(layer); }
  const Json& document() const { return document_; }
  /// Whether the store has the layer now.
  bool has(std::size_t layer) const;
  /// Unpacks while `read` gives bytes. invalid when the content is not what the config promises. Any thread; the rest of the
  /// class is for one thread.
  UnpackedLayer unpack(std::size_t layer, ByteReader read) const;
  /// Takes an unpacked layer and its blob into the store; the layers below must be there. The file at `blob.path` stays where
  /// it is, as another name of the blob.
  void take(UnpackedLayer layer, ReceivedFile blob);
  /// Makes the image visible under these full names.
  std::vector<MovedName> publish(std::vector<std::string> names, std::vector<Manifest> manifests);

 private:
  StorageDriver& storage_;
  ImageStore& store_;
  std::string config_;
  Json document_;
  std::vector<std::string> diff_ids_, chains_;
  Ingest ingest_;
  ImageStore::Lease lease_;
};

} // namespace gantry::images
