#pragma once

#include <condition_variable>
#include <exception>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "images/intake.hpp"
#include "registry/download.hpp"
#include "registry/flights.hpp"
#include "registry/repository.hpp"

namespace gantry::registry {

/// Gets the layers of one image into the store: several download and unpack at once, each unpacked while it downloads; they are
/// taken over base first.
class LayerPull {
 public:
  LayerPull(Downloads&, Flights&, const Repository&, images::Intake&, std::vector<Descriptor> layers,
            const images::Progress& progress, Cancel& cancel);
  ~LayerPull();

  /// Blocks. The first failure ends the others and is thrown; what was downloaded stays for the next attempt.
  void run(std::size_t workers);

 private:
  /// A layer that is unpacked and verified, or was there already.
  struct Done {
    std::optional<images::UnpackedLayer> unpacked;
    images::ReceivedFile blob;
    DownloadPtr download;
    std::unique_ptr<Flights::Guard> flight;
  };

  void work();
  Done get(std::size_t layer);
  Done download_and_unpack(std::size_t layer, std::unique_ptr<Flights::Guard> flight);
  images::UnpackedLayer unpack(std::size_t layer, Download&);
  void wait_for_other(std::size_t layer);
  Download::Watcher watcher(std::size_t layer, Download&) const;
  void take_in_order();
  std::string id(std::size_t layer) const;
  void tell(std::size_t layer, const std::string& status) const;
  void fail(std::exception_ptr);

  Downloads& downloads_;
  Flights& flights_;
  const Repository& repository_;
  images::Intake& intake_;
  const std::vector<Descriptor> layers_;
  const images::Progress& progress_;
  Cancel stop_; ///< the caller's cancel, or a failure of another layer
  Cancel::Subscription stopped_;

  std::mutex guard_;
  std::condition_variable changed_;
  std::size_t next_ = 0;
  std::vector<bool> had_; ///< layers that were there at first
  std::vector<std::optional<Done>> done_;
  std::exception_ptr failure_;
};

} // namespace gantry::registry
