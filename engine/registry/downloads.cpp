#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>

#include "base/error.hpp"
#include "base/time.hpp"
#include "images/reference.hpp"
#include "registry/download.hpp"

namespace gantry::registry {
namespace fs = std::filesystem;

Slots::Slot::~Slot() {
  {
    std::lock_guard lock(slots_.guard_);
    --slots_.taken_;
  }
  slots_.freed_.notify_all(); // there may be more of them than before
}

std::unique_ptr<Slots::Slot> Slots::take(Cancel& cancel) {
  Cancel::Subscription wake(cancel, [this] {
    { std::lock_guard lock(guard_); }
    freed_.notify_all();
  });
  std::unique_lock lock(guard_);
  freed_.wait(lock, [&] { return taken_ < count_() || cancel.is_set(); });
  cancel.check();
  ++taken_;
  return std::make_unique<Slot>(*this);
}

DownloadPtr Downloads::find_locked(const std::string& digest) {
  auto at = running_.find(digest);
  if (at == running_.end()) return nullptr;
  auto download = at->second.lock();
  if (download && !download->failed()) return download;
  running_.erase(at);
  return nullptr;
}

DownloadPtr Downloads::find(const std::string& digest) {
  std::lock_guard lock(guard_);
  return find_locked(digest);
}

Downloads::Joined Downloads::join(const Descriptor& descriptor, BlobFetch fetch, std::int64_t attempts) {
  std::lock_guard lock(guard_);
  if (auto download = find_locked(descriptor.digest)) {
    if (download->descriptor().size != descriptor.size)
      throw invalid("invalid manifest: blob " + descriptor.digest + " has " + std::to_string(download->descriptor().size) +
                    " bytes in one image and " + std::to_string(descriptor.size) + " in another");
    return {std::move(download), false};
  }
  auto download = std::make_shared<Download>(paths_, slots_, descriptor, std::move(fetch), attempts);
  running_[descriptor.digest] = download;
  return {std::move(download), true};
}

void Downloads::forget(const std::string& digest) {
  std::lock_guard lock(guard_);
  if (!find_locked(digest)) ::unlink(paths_.partial(digest).c_str());
}

std::uint64_t Downloads::clean(std::int64_t age_s) {
  std::lock_guard lock(guard_);
  std::uint64_t freed = 0;
  for (const auto& entry : fs::directory_iterator(paths_.partials())) {
    const auto digest = "sha256:" + entry.path().filename().string();
    struct stat info {};
    if (::stat(entry.path().c_str(), &info) != 0) continue;
    const bool young = now_ns() / 1'000'000'000 - info.st_mtim.tv_sec < age_s;
    if (images::is_sha256(digest) && (young || find_locked(digest))) continue;
    std::error_code failed;
    if (fs::remove(entry.path(), failed)) freed += static_cast<std::uint64_t>(info.st_size);
  }
  return freed;
}

} // namespace gantry::registry
