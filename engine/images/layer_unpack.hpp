#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <gantry/sdk/storage.hpp>

#include "images/content_store.hpp"
#include "images/decompress.hpp"

namespace gantry::images {

/// A layer as an archive brings it.
struct LayerPlan {
  std::string chain;   ///< name that it gets when committed
  std::string parent;  ///< chain below it, empty for the base
  std::string diff_id; ///< promised by the config; empty: whatever it turns out to be
  ReceivedFile blob;
};

/// An active snapshot in the storage driver; removed on destruction unless it was committed.
class ActiveSnapshot {
 public:
  explicit ActiveSnapshot(StorageDriver&);
  /// Takes over one that is there already.
  ActiveSnapshot(StorageDriver& storage, std::string key) : storage_(storage), key_(std::move(key)) {}
  ~ActiveSnapshot();
  ActiveSnapshot(const ActiveSnapshot&) = delete;
  ActiveSnapshot& operator=(const ActiveSnapshot&) = delete;

  const std::string& key() const { return key_; }
  void commit(const std::string& name, const std::string& parent);

 private:
  StorageDriver& storage_;
  std::string key_;
  bool committed_ = false;
};

/// A layer whose files lie in an active snapshot, not yet visible.
struct UnpackedLayer {
  LayerPlan plan;
  std::unique_ptr<ActiveSnapshot> snapshot;
  std::uint64_t size = 0;
};

/// invalid when a layer is not what its plan promised.
void check_diff_id(const LayerPlan&, const std::string& actual);

/// Called as each layer is done, one call at a time.
using LayerDone = std::function<void(const UnpackedLayer&)>;

UnpackedLayer unpack_layer(StorageDriver&, const LayerPlan&);
/// The same from bytes that are still arriving; `plan.blob` may be filled in later, before the layer is published.
UnpackedLayer unpack_layer(StorageDriver&, const LayerPlan&, ByteReader read);
/// Unpacks all, two at a time; in the order of `plans`. The first failure stops the rest and is thrown.
std::vector<UnpackedLayer> unpack_layers(StorageDriver&, const std::vector<LayerPlan>& plans, const LayerDone&);

} // namespace gantry::images
