#pragma once

#include <condition_variable>
#include <cstdint>
#include <exception>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>

#include "images/content_store.hpp"
#include "registry/cancel.hpp"
#include "registry/manifest.hpp"
#include "state/paths.hpp"

namespace gantry::registry {

/// Takes bytes of a blob that follow each other.
using BlobSink = std::function<void(std::string_view)>;
/// Gets a blob from byte `offset` on; throws TransferError or RegistryError where another attempt may go on.
using BlobFetch = std::function<void(std::uint64_t offset, const BlobSink&, Cancel&)>;

/// How many things happen at once, engine-wide.
class Slots {
 public:
  /// `count` is asked whenever somebody waits: a larger number counts from the next slot that is given back.
  explicit Slots(std::function<std::int64_t()> count) : count_(std::move(count)) {}
  class Slot {
   public:
    explicit Slot(Slots& slots) : slots_(slots) {}
    ~Slot();
    Slot(const Slot&) = delete;
    Slot& operator=(const Slot&) = delete;

   private:
    Slots& slots_;
  };
  /// Waits for a free one; throws cancelled.
  std::unique_ptr<Slot> take(Cancel&);

 private:
  std::mutex guard_;
  std::condition_variable freed_;
  const std::function<std::int64_t()> count_;
  std::int64_t taken_ = 0;
};

/// Thrown at a reader whose bytes turned out to be damaged: what it read before is worth nothing, the blob begins again.
struct Restarted {};

/// One blob on its way into content/partial, shared by everybody who wants it. It goes on as long as somebody holds it; what
/// has arrived stays on disk for the next attempt, whoever makes it. Whole means: as long as the manifest says and of the right
/// digest. Thread-safe.
class Download {
 public:
  struct Watcher {
    std::function<void(std::uint64_t bytes)> progress; ///< some times a second
    std::function<void(std::int64_t seconds)> retrying;
  };

  Download(const state::Paths&, Slots&, Descriptor, BlobFetch, std::int64_t attempts);
  /// The last holder leaves: an unfinished transfer ends.
  ~Download();
  Download(const Download&) = delete;
  Download& operator=(const Download&) = delete;

  const Descriptor& descriptor() const { return descriptor_; }
  /// How far somebody has read.
  struct Position {
    std::uint64_t offset = 0;
    int generation = 0;
  };
  /// The next bytes, as soon as there are any; 0 at the end of the whole blob. Throws what ended the download, Restarted, or
  /// cancelled when `cancel` is set.
  std::size_t read(Position&, char* buffer, std::size_t size, Cancel& cancel);
  /// Until it is whole.
  images::ReceivedFile wait(Cancel& cancel);
  bool whole() const;
  bool failed() const;
  /// How often it began again, because what had arrived was damaged.
  int generation() const;

  int watch(Watcher);
  void unwatch(int id);

 private:
  enum class State { running, whole, failed };

  void run();
  void open_partial();
  void take_over_partial();
  void fetch_rest();
  void verify();
  void append(std::string_view bytes);
  void tell_progress(bool always);
  void wake_all();
  void settle(State, std::exception_ptr failure);

  const state::Paths& paths_;
  Slots& slots_;
  const Descriptor descriptor_;
  const BlobFetch fetch_;
  const std::int64_t attempts_;
  Cancel cancel_;

  UniqueFd file_;                        // of the thread
  std::unique_ptr<images::Sha256> hash_; // of the thread
  std::int64_t told_ns_ = 0;             // of the thread
  bool taken_over_ = false;              // of the thread: some bytes are from an earlier life

  mutable std::mutex guard_;
  std::condition_variable changed_;
  State state_ = State::running;
  std::exception_ptr failure_;
  std::uint64_t available_ = 0;
  int generation_ = 0; ///< how often it began again
  std::mutex watching_;
  std::map<int, Watcher> watchers_;
  int next_watcher_ = 0;
  std::thread thread_;
};
using DownloadPtr = std::shared_ptr<Download>;

/// The downloads of the engine: one per digest.
class Downloads {
 public:
  Downloads(const state::Paths& paths, std::function<std::int64_t()> at_once) : paths_(paths), slots_(std::move(at_once)) {}

  struct Joined {
    DownloadPtr download;
    bool owner = false; ///< it was begun for this caller, with the caller's `fetch`
  };
  Joined join(const Descriptor&, BlobFetch, std::int64_t attempts);
  /// Null when nobody gets that blob at the moment.
  DownloadPtr find(const std::string& digest);
  /// The blob has become part of an image: the partial file goes unless somebody still uses it.
  void forget(const std::string& digest);
  /// Deletes partial files that nobody uses and that are older than `age_s`; their bytes.
  std::uint64_t clean(std::int64_t age_s);

 private:
  DownloadPtr find_locked(const std::string& digest);

  const state::Paths& paths_;
  Slots slots_;
  std::mutex guard_;
  std::map<std::string, std::weak_ptr<Download>> running_;
};

} // namespace gantry::registry
