#pragma once

#include <condition_variable>
#include <deque>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "images/catalogue.hpp"
#include "images/image_archive.hpp"
#include "images/layer_unpack.hpp"
#include "images/write_behind.hpp"

namespace gantry::images {

/// Unpacks the files of an archive that look like layers while the rest is still arriving. Which of them are layers is known only
/// when all of it is there: what nobody takes is removed again, and a file that could not be unpacked was no layer until a plan
/// says so.
class EarlyUnpack : public ArchiveWatcher {
 public:
  /// Layers that `known` has are left alone. `directory`: where the files and the layers lie.
  EarlyUnpack(StorageDriver&, CataloguePtr known, const std::string& directory);
  /// Stops what has not begun, waits for the rest.
  ~EarlyUnpack() override;
  EarlyUnpack(const EarlyUnpack&) = delete;
  EarlyUnpack& operator=(const EarlyUnpack&) = delete;

  /// A plain tar that is no known layer: what unpacking it makes of its content is the digest of the file. Hashing costs as much
  /// as writing, so it is done once.
  bool hashes(const std::string& path, std::string_view head, std::uint64_t size) override;
  /// Does not block.
  void received(const ReceivedFile&) override;
  /// Waits until everything that was received is unpacked.
  std::string digest_of(const ReceivedFile&) override;
  /// The layers of all plans, in their order, those unpacked now that were not before. Blocks; once. The first failure is thrown.
  std::vector<UnpackedLayer> take(const std::vector<LayerPlan>& plans, const LayerDone&);

 private:
  void work();
  void end();

  StorageDriver& storage_;
  std::set<std::string> known_;         ///< digests of the blobs and tars of layers
  std::set<std::uint64_t> known_sizes_; ///< of the blobs that are plain tars
  WriteBehind behind_;
  std::mutex guard_;
  std::condition_variable offered_;
  std::deque<ReceivedFile> waiting_;
  std::map<std::string, UnpackedLayer> unpacked_; ///< by path
  bool ended_ = false;
  std::vector<std::thread> threads_;
};

} // namespace gantry::images
