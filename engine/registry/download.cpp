#include "registry/download.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <vector>

#include "base/error.hpp"
#include "base/failpoint.hpp"
#include "base/file.hpp"
#include "base/time.hpp"
#include "registry/backoff.hpp"
#include "registry/transfer_error.hpp"

namespace gantry::registry {
namespace {

constexpr std::int64_t tell_every_ns = 100'000'000;
constexpr std::size_t chunk = 256 << 10;

TransferError too_long(const Descriptor& d) {
  return {TransferError::Kind::too_large,
          "blob " + d.digest + " is longer than the " + std::to_string(d.size) + " bytes that its manifest says"};
}

} // namespace

Download::Download(const state::Paths& paths, Slots& slots, Descriptor descriptor, BlobFetch fetch, std::int64_t attempts)
    : paths_(paths), slots_(slots), descriptor_(std::move(descriptor)), fetch_(std::move(fetch)), attempts_(attempts) {
  thread_ = std::thread([this] { run(); });
}

Download::~Download() {
  cancel_.set();
  thread_.join();
}

void Download::run() {
  try {
    auto slot = slots_.take(cancel_);
    open_partial();
    take_over_partial();
    fetch_rest();
    verify();
    file_.reset();
    settle(State::whole, nullptr);
  } catch (...) {
    file_.reset();
    settle(State::failed, std::current_exception());
  }
}

/// Locked, since an earlier download of the same blob may be about to end. Who had the lock before may have deleted the file.
void Download::open_partial() {
  const auto path = paths_.partial(descriptor_.digest);
  for (;;) {
    file_ = open_file(path, O_RDWR | O_CREAT, 0600);
    while (::flock(file_.get(), LOCK_EX) != 0)
      if (errno != EINTR) throw os_error("lock " + path, errno);
    struct stat info {};
    if (::fstat(file_.get(), &info) != 0) throw os_error("stat " + path, errno);
    if (info.st_nlink > 0) return;
  }
}

/// Bytes of an earlier attempt count once they are hashed again.
void Download::take_over_partial() {
  hash_ = std::make_unique<images::Sha256>();
  std::vector<char> buffer(chunk);
  std::uint64_t size = 0;
  for (;;) {
    cancel_.check();
    const auto n = ::pread(file_.get(), buffer.data(), buffer.size(), static_cast<off_t>(size));
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) throw os_error("read " + paths_.partial(descriptor_.digest), errno);
    if (n == 0) break;
    hash_->update({buffer.data(), static_cast<std::size_t>(n)});
    size += static_cast<std::uint64_t>(n);
  }
  if (size > descriptor_.size) {
    if (::ftruncate(file_.get(), 0) != 0) throw os_error("truncate " + paths_.partial(descriptor_.digest), errno);
    hash_ = std::make_unique<images::Sha256>();
    size = 0;
  }
  taken_over_ = size > 0;
  {
    std::lock_guard lock(guard_);
    available_ = size;
  }
  changed_.notify_all();
  tell_progress(true);
}

void Download::fetch_rest() {
  Backoff backoff(attempts_, [this](std::int64_t seconds) {
    std::lock_guard lock(watching_);
    for (const auto& [id, watcher] : watchers_)
      if (watcher.retrying) watcher.retrying(seconds);
  });
  while (available_ < descriptor_.size) { // only this thread changes it
    const auto before = available_;
    std::exception_ptr failure;
    try {
      fetch_(
          before, [this](std::string_view bytes) { append(bytes); }, cancel_);
      if (available_ < descriptor_.size)
        throw TransferError(TransferError::Kind::broken, "blob " + descriptor_.digest + ": unexpected EOF after " +
                                                             std::to_string(available_) + " of " +
                                                             std::to_string(descriptor_.size) + " bytes");
    } catch (...) {
      failure = std::current_exception();
    }
    if (!failure) break;
    if (available_ > before) backoff.made_progress();
    backoff.after(failure, cancel_);
  }
}

void Download::append(std::string_view bytes) {
  if (bytes.size() > descriptor_.size - available_) throw too_long(descriptor_);
  hash_->update(bytes);
  auto at = available_;
  for (auto left = bytes; !left.empty();) {
    const auto n = ::pwrite(file_.get(), left.data(), left.size(), static_cast<off_t>(at));
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) throw os_error("write " + paths_.partial(descriptor_.digest), errno);
    left.remove_prefix(static_cast<std::size_t>(n));
    at += static_cast<std::uint64_t>(n);
  }
  {
    std::lock_guard lock(guard_);
    available_ = at;
  }
  changed_.notify_all();
  failpoint("registry.in_download");
  tell_progress(false);
}

void Download::verify() {
  tell_progress(true);
  if (hash_->digest() == descriptor_.digest) return;
  if (::ftruncate(file_.get(), 0) != 0) throw os_error("truncate " + paths_.partial(descriptor_.digest), errno);
  {
    std::lock_guard lock(guard_);
    available_ = 0;
    ++generation_;
  }
  changed_.notify_all();
  if (!std::exchange(taken_over_, false)) throw invalid("filesystem layer verification failed for digest " + descriptor_.digest);
  // What was taken over may have been damaged by a power cut: once more, from the first byte.
  hash_ = std::make_unique<images::Sha256>();
  fetch_rest();
  verify();
}

void Download::settle(State state, std::exception_ptr failure) {
  {
    std::lock_guard lock(guard_);
    state_ = state;
    failure_ = failure;
  }
  changed_.notify_all();
}

std::size_t Download::read(Position& position, char* buffer, std::size_t size, Cancel& cancel) {
  Cancel::Subscription wake(cancel, [this] { wake_all(); });
  std::uint64_t until = 0;
  {
    std::unique_lock lock(guard_);
    if (position.offset == 0) position.generation = generation_;
    changed_.wait(lock, [&] {
      return available_ > position.offset || state_ != State::running || generation_ != position.generation || cancel.is_set();
    });
    cancel.check();
    if (state_ == State::failed) std::rethrow_exception(failure_);
    if (generation_ != position.generation) throw Restarted();
    until = available_;
  }
  if (position.offset >= until) return 0;
  // The file stays in place as long as somebody holds this object.
  auto file = open_file(paths_.partial(descriptor_.digest), O_RDONLY);
  const auto want = std::min<std::uint64_t>(size, until - position.offset);
  for (;;) {
    const auto n = ::pread(file.get(), buffer, want, static_cast<off_t>(position.offset));
    if (n == 0) throw Restarted(); // truncated in this moment
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) throw os_error("read " + paths_.partial(descriptor_.digest), errno);
    position.offset += static_cast<std::uint64_t>(n);
    return static_cast<std::size_t>(n);
  }
}

void Download::wake_all() {
  // With the lock: a waiter is either before its check or already asleep.
  { std::lock_guard lock(guard_); }
  changed_.notify_all();
}

images::ReceivedFile Download::wait(Cancel& cancel) {
  Cancel::Subscription wake(cancel, [this] { wake_all(); });
  std::unique_lock lock(guard_);
  changed_.wait(lock, [&] { return state_ != State::running || cancel.is_set(); });
  cancel.check();
  if (state_ == State::failed) std::rethrow_exception(failure_);
  return {paths_.partial(descriptor_.digest), descriptor_.digest, descriptor_.size};
}

bool Download::whole() const {
  std::lock_guard lock(guard_);
  return state_ == State::whole;
}

int Download::generation() const {
  std::lock_guard lock(guard_);
  return generation_;
}

bool Download::failed() const {
  std::lock_guard lock(guard_);
  return state_ == State::failed;
}

int Download::watch(Watcher watcher) {
  std::lock_guard lock(watching_);
  watchers_[next_watcher_] = std::move(watcher);
  return next_watcher_++;
}

void Download::unwatch(int id) {
  std::lock_guard lock(watching_);
  watchers_.erase(id);
}

void Download::tell_progress(bool always) {
  const auto now = now_ns();
  if (!always && now - told_ns_ < tell_every_ns) return;
  told_ns_ = now;
  std::lock_guard lock(watching_);
  for (const auto& [id, watcher] : watchers_)
    if (watcher.progress) watcher.progress(available_);
}

} // namespace gantry::registry
