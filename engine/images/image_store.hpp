#pragma once

#include <functional>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <gantry/sdk/storage.hpp>

#include "images/catalogue.hpp"
#include "images/content_store.hpp"
#include "images/layer_unpack.hpp"
#include "state/database.hpp"

namespace gantry::images {

class Naming;

/// A manifest as a registry gave it.
struct Manifest {
  std::string digest;
  std::string media_type;
  std::string index_digest; ///< of the index that led here, empty: none
  std::string body;         ///< byte for byte
};

/// An image that is about to become visible.
struct NewImage {
  std::string config; ///< byte for byte
  std::vector<std::string> names;
  std::vector<Manifest> manifests{};
  std::string parent{}; ///< id of the image that it was made from here; empty: none, or what is known of it stays
};

/// A name that moved from one image to another.
struct MovedName {
  std::string name, from;
};

/// Images, names and layers in SQLite, content store and storage driver, kept consistent; and the snapshot that readers
/// see. Each change is one transaction: layers and blobs are there before the row that needs them, and go after it.
class ImageStore {
 public:
  ImageStore(const state::Paths&, state::Database&, StorageDriver&);

  CataloguePtr catalogue() const;
  const ContentStore& content() const { return content_; }
  /// The config byte for byte; not_found when the image is gone.
  std::string config_bytes(const std::string& image_id);
  /// What registries gave for the image, indexes included; what came last is first.
  std::vector<Manifest> manifests(const std::string& image_id);

  /// Why layers are leased: something works on them now, or they are kept for later.
  enum class Purpose { work, cache };

  /// Keeps layers from being swept while an operation builds on them.
  class Lease {
   public:
    Lease(ImageStore& store, std::vector<std::string> chains, Purpose purpose = Purpose::work);
    ~Lease();
    Lease(const Lease&) = delete;
    Lease& operator=(const Lease&) = delete;

   private:
    ImageStore& store_;
    std::vector<std::string> chains_;
    Purpose purpose_;
  };
  /// Layers that something works on now.
  std::multiset<std::string> working() const;

  /// Makes images with their unpacked layers (base first) visible, all or none.
  std::vector<MovedName> publish(std::vector<UnpackedLayer>& layers, const std::vector<NewImage>& images);
  /// Points a full name to images of one platform each, the main one first; not_found when one is gone.
  void set_name(const std::string& name, const std::vector<std::string>& image_ids);
  void drop_names(const std::vector<std::string>& names);
  /// The name leads to its other images only.
  void drop_name_of(const std::string& name, const std::string& image_id);
  /// Of several platforms under the name this one was asked for last.
  void prefer(const std::string& name, const std::string& image_id);
  /// The image is used now. Kept to the second in memory, to the minute on disk.
  void touch(const std::string& image_id);
  /// Unix time in nanoseconds.
  std::int64_t last_used(const Image&) const;
  /// Drops the image, its names and the layers that nothing else uses; the chains of those, top first.
  std::vector<std::string> drop_image(const std::string& image_id);

  bool was_embedded(const std::string& archive_digest);
  void remember_embedded(const std::string& archive_digest);
  /// Deletes ingests, layers and blobs that no row knows.
  void collect_garbage();

 private:
  friend class StoreCheck;
  using Transaction = state::Database::Transaction;
  void load();
  void replace(std::shared_ptr<Catalogue> next);
  std::shared_ptr<Catalogue> draft() const;
  void rename(const std::function<void(Naming&, const Catalogue& now)>& change);
  void put_image(Transaction&, Catalogue&, const NewImage&, std::vector<MovedName>&, std::set<std::string>& changed);
  void put_parent(Transaction&, Catalogue&, const NewImage&);
  std::vector<std::string> sweep(Catalogue& next);
  void delete_layers(const std::vector<Layer>& layers, const Catalogue& rest);
  std::vector<Layer> unreferenced(const Catalogue&) const;

  state::Database& db_;
  StorageDriver& storage_;
  ContentStore content_;
  mutable std::mutex reading_;
  CataloguePtr catalogue_;
  mutable std::mutex writing_; ///< one change at a time; guards leased_ and working_
  std::multiset<std::string> leased_, working_;
  mutable std::mutex using_;                 ///< guards used_
  std::map<std::string, std::int64_t> used_; ///< by image id, of this daemon's life
};

} // namespace gantry::images
