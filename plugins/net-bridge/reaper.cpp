#include "reaper.hpp"

#include <linux/netlink.h>
#include <signal.h>

#include <algorithm>

#include "net-common/links.hpp"

namespace gantry::net_bridge {

Reaper::~Reaper() {
  {
    const std::lock_guard lock(guard_);
    stopped_ = true;
  }
  changed_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void Reaper::add(std::string link) {
  const std::lock_guard lock(guard_);
  links_.push_back(std::move(link));
  if (!thread_.joinable()) {
    // The daemon's signals are for its own threads.
    sigset_t all, before;
    ::sigfillset(&all);
    ::pthread_sigmask(SIG_SETMASK, &all, &before);
    thread_ = std::thread([this] { run(); });
    ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
  }
  changed_.notify_all();
}

void Reaper::cancel(const std::string& link) {
  std::unique_lock lock(guard_);
  links_.erase(std::remove(links_.begin(), links_.end(), link), links_.end());
  changed_.wait(lock, [&] { return current_ != link; });
}

void Reaper::drain() {
  std::unique_lock lock(guard_);
  changed_.wait(lock, [&] { return links_.empty() && current_.empty(); });
}

void Reaper::run() {
  std::unique_lock lock(guard_);
  for (;;) {
    changed_.wait(lock, [&] { return stopped_ || !links_.empty(); });
    if (links_.empty()) return;
    current_ = std::move(links_.front());
    links_.pop_front();
    lock.unlock();
    try {
      net::Socket socket(NETLINK_ROUTE);
      net::delete_link(socket, current_);
    } catch (const Error& e) {
      // The next reconcile finds it.
      host_.log(LogLevel::error, e.what());
    }
    lock.lock();
    current_.clear();
    changed_.notify_all();
  }
}

} // namespace gantry::net_bridge
