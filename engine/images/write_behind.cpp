#include "images/write_behind.hpp"

#include <fcntl.h>
#include <unistd.h>

#include "base/file.hpp"

namespace gantry::images {
namespace {

/// Enough for the disk to be busy for a while; small images are not worth a sync of their own.
constexpr std::uint64_t sync_every = 64 << 20;

} // namespace

WriteBehind::WriteBehind(const std::string& directory)
    : directory_(open_file(directory, O_RDONLY | O_DIRECTORY)), thread_([this] { work(); }) {}

WriteBehind::~WriteBehind() {
  {
    std::lock_guard lock(guard_);
    ended_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

void WriteBehind::wrote(std::uint64_t bytes) {
  {
    std::lock_guard lock(guard_);
    pending_ += bytes;
  }
  changed_.notify_all();
}

void WriteBehind::work() {
  std::unique_lock lock(guard_);
  for (;;) {
    changed_.wait(lock, [this] { return ended_ || pending_ >= sync_every; });
    if (ended_) return;
    pending_ = 0;
    lock.unlock();
    (void)::syncfs(directory_.get()); // a failure comes again where it matters
    lock.lock();
  }
}

} // namespace gantry::images
