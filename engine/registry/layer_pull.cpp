#include "registry/layer_pull.hpp"

#include <thread>

#include "base/error.hpp"
#include "base/failpoint.hpp"
#include "base/id.hpp"
#include "base/time.hpp"
#include "registry/progress.hpp"

namespace gantry::registry {
namespace {

constexpr std::int64_t unpack_told_every_ns = 100'000'000;
constexpr int restarts_max = 3;

/// Watches a download as long as it lives.
class Watch {
 public:
  Watch(Download& download, Download::Watcher watcher) : download_(download), id_(download.watch(std::move(watcher))) {}
  ~Watch() { download_.unwatch(id_); }
  Watch(const Watch&) = delete;
  Watch& operator=(const Watch&) = delete;

 private:
  Download& download_;
  int id_;
};

} // namespace

LayerPull::LayerPull(Downloads& downloads, Flights& flights, const Repository& repository, images::Intake& intake,
                     std::vector<Descriptor> layers, const images::Progress& progress, Cancel& cancel)
    : downloads_(downloads),
      flights_(flights),
      repository_(repository),
      intake_(intake),
      layers_(std::move(layers)),
      progress_(progress),
      stopped_(cancel, [this] { stop_.set(); }),
      had_(layers_.size()),
      done_(layers_.size()) {}

LayerPull::~LayerPull() = default;

std::string LayerPull::id(std::size_t layer) const { return short_id(layers_[layer].digest); }

void LayerPull::tell(std::size_t layer, const std::string& status) const { progress_(step_message(id(layer), status)); }

void LayerPull::run(std::size_t workers) {
  std::size_t missing = 0;
  for (std::size_t i = 0; i < layers_.size(); ++i) {
    had_[i] = intake_.has(i);
    tell(i, had_[i] ? "Already exists" : "Pulling fs layer");
    if (!had_[i] && ++missing > workers) tell(i, "Waiting");
  }
  std::vector<std::thread> threads;
  for (std::size_t i = 0; i < std::min(workers, missing); ++i) threads.emplace_back([this] { work(); });
  take_in_order();
  for (auto& thread : threads) thread.join();
  if (failure_) std::rethrow_exception(failure_);
}

void LayerPull::work() {
  for (;;) {
    std::size_t layer = 0;
    {
      std::lock_guard lock(guard_);
      while (next_ < layers_.size() && had_[next_]) ++next_;
      if (next_ == layers_.size() || failure_) return;
      layer = next_++;
    }
    try {
      auto done = get(layer);
      std::lock_guard lock(guard_);
      done_[layer] = std::move(done);
    } catch (...) {
      return fail(std::current_exception());
    }
    changed_.notify_all();
  }
}

void LayerPull::fail(std::exception_ptr failure) {
  {
    std::lock_guard lock(guard_);
    if (!failure_) failure_ = std::move(failure);
  }
  stop_.set();
  changed_.notify_all();
}

LayerPull::Done LayerPull::get(std::size_t layer) {
  for (;;) {
    stop_.check();
    if (auto flight = flights_.begin(intake_.chain(layer))) {
      if (intake_.has(layer)) return {};
      return download_and_unpack(layer, std::move(flight));
    }
    wait_for_other(layer);
  }
}

/// Another pull has this layer in hand. Holding its download keeps that going when the other one is cancelled.
void LayerPull::wait_for_other(std::size_t layer) {
  auto download = downloads_.find(layers_[layer].digest);
  std::optional<Watch> watch;
  if (download) watch.emplace(*download, watcher(layer, *download));
  flights_.wait(intake_.chain(layer), stop_);
}

Download::Watcher LayerPull::watcher(std::size_t layer, Download& download) const {
  const auto total = download.descriptor().size;
  auto progress = [this, layer, total](std::uint64_t bytes) {
    progress_(bytes_message(id(layer), "Downloading", bytes, total));
    if (bytes == total) tell(layer, "Verifying Checksum");
  };
  auto retrying = [this, layer](std::int64_t seconds) {
    tell(layer, "Retrying in " + std::to_string(seconds) + (seconds == 1 ? " second" : " seconds"));
  };
  return {progress, retrying};
}

LayerPull::Done LayerPull::download_and_unpack(std::size_t layer, std::unique_ptr<Flights::Guard> flight) {
  for (;;) {
    auto [download, owner] = downloads_.join(layers_[layer], repository_.fetch(layers_[layer]), repository_.attempts());
    try {
      Watch watch(*download, watcher(layer, *download));
      auto unpacked = unpack(layer, *download);
      auto blob = download->wait(stop_);
      failpoint("registry.after_unpack");
      return {std::move(unpacked), std::move(blob), download, std::move(flight)};
    } catch (...) {
      // What failed with another user's registry or rights may succeed with ours.
      if (owner || !download->failed() || stop_.is_set()) throw;
    }
  }
}

images::UnpackedLayer LayerPull::unpack(std::size_t layer, Download& download) {
  const auto total = download.descriptor().size;
  for (int restarts = 0;; ++restarts) {
    Download::Position position;
    bool whole = false;
    std::int64_t told_ns = 0;
    auto read = [&](char* buffer, std::size_t size) {
      const auto n = download.read(position, buffer, size, stop_);
      if (!whole && download.whole()) {
        whole = true;
        tell(layer, "Download complete");
      }
      if (const auto now = now_ns(); whole && n > 0 && now - told_ns > unpack_told_every_ns) {
        told_ns = now;
        progress_(bytes_message(id(layer), "Extracting", position.offset, total));
      }
      return n;
    };
    try {
      auto unpacked = intake_.unpack(layer, read);
      download.wait(stop_);
      if (!whole) tell(layer, "Download complete");
      progress_(bytes_message(id(layer), "Extracting", total, total));
      return unpacked;
    } catch (const Restarted&) {
      if (restarts == restarts_max) throw internal("blob " + download.descriptor().digest + " changes while it is read");
    } catch (const Error&) {
      // Damaged bytes cannot be unpacked either: what is wrong with the blob itself says more.
      download.wait(stop_);
      if (download.generation() == position.generation || restarts == restarts_max) throw;
    }
  }
}

void LayerPull::take_in_order() {
  for (std::size_t layer = 0; layer < layers_.size(); ++layer) {
    if (had_[layer]) continue;
    std::optional<Done> done;
    {
      std::unique_lock lock(guard_);
      changed_.wait(lock, [&] { return done_[layer] || failure_; });
      if (failure_) return;
      done = std::move(done_[layer]);
      done_[layer].emplace();
    }
    try {
      if (done->unpacked) intake_.take(std::move(*done->unpacked), std::move(done->blob));
      tell(layer, "Pull complete");
    } catch (...) {
      return fail(std::current_exception());
    }
  }
}

} // namespace gantry::registry
