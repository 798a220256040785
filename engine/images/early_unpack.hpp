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
#include "images/layer_unpack.hpp"

namespace gantry::images {

/// Unpacks the files of an archive that look like layers while the rest is still arriving. Which of them are layers is known only
/// when all of it is there: what nobody takes is removed again, and a file that could not be unpacked was no layer until a plan
/// says so.
class EarlyUnpack {
 public:
  /// Layers that `known` has are left alone.
  EarlyUnpack(StorageDriver&, CataloguePtr known);
  /// Stops what has not begun, waits for the rest.
  ~EarlyUnpack();
  EarlyUnpack(const EarlyUnpack&) = delete;
  EarlyUnpack& operator=(const EarlyUnpack&) = delete;

  /// A file that is there now; does not block.
  void offer(const ReceivedFile&);
  /// The layers of all plans, in their order, those unpacked now that were not before. Blocks; once. The first failure is thrown.
  std::vector<UnpackedLayer> take(const std::vector<LayerPlan>& plans, const LayerDone&);

 private:
  void work();
  void end();

  StorageDriver& storage_;
  std::set<std::string> known_; ///< digests of the blobs and tars of layers
  std::mutex guard_;
  std::condition_variable offered_;
  std::deque<ReceivedFile> waiting_;
  std::map<std::string, UnpackedLayer> unpacked_; ///< by path
  bool ended_ = false;
  std::vector<std::thread> threads_;
};

} // namespace gantry::images
