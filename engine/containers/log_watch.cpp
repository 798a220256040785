#include "containers/log_watch.hpp"

#include <sys/inotify.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "base/error.hpp"

namespace gantry::containers {

Latch LogWatch::Watched::next() const {
  const std::lock_guard lock(guard_);
  return latch_;
}

void LogWatch::Watched::wake() {
  Latch latch;
  {
    const std::lock_guard lock(guard_);
    std::swap(latch, latch_);
  }
  latch.set();
}

LogWatch::LogWatch() : fd_(::inotify_init1(IN_NONBLOCK | IN_CLOEXEC)) {
  if (!fd_) throw os_error("inotify_init1 (see /proc/sys/fs/inotify/max_user_instances)", errno);
}

void LogWatch::add(const std::string& directory, std::shared_ptr<Watched> watched) {
  const std::lock_guard lock(guard_);
  const int wd = ::inotify_add_watch(fd_.get(), directory.c_str(), IN_MODIFY | IN_CREATE | IN_MOVED_TO);
  if (wd < 0) throw os_error("watch " + directory, errno);
  watched_[wd] = std::move(watched);
}

void LogWatch::forget(const std::shared_ptr<Watched>& watched) {
  const std::lock_guard lock(guard_);
  for (auto it = watched_.begin(); it != watched_.end();) {
    if (it->second != watched) {
      ++it;
      continue;
    }
    ::inotify_rm_watch(fd_.get(), it->first);
    it = watched_.erase(it);
  }
}

void LogWatch::dispatch() {
  alignas(inotify_event) std::array<char, 8192> events;
  const ssize_t size = ::read(fd_.get(), events.data(), events.size());
  const std::lock_guard lock(guard_);
  for (ssize_t at = 0; at < size;) {
    inotify_event event{};
    std::memcpy(&event, events.data() + at, sizeof event);
    at += static_cast<ssize_t>(sizeof event + event.len);
    if (const auto it = watched_.find(event.wd); it != watched_.end()) it->second->wake();
    if (event.mask & IN_Q_OVERFLOW) {
      for (const auto& [wd, watched] : watched_) watched->wake();
    }
  }
}

} // namespace gantry::containers
