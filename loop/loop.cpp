#include "loop/loop.hpp"

#include <sys/epoll.h>

#include <cerrno>
#include <system_error>

namespace gantry {

Loop::Loop() : epoll_(::epoll_create1(EPOLL_CLOEXEC)) {
  if (!epoll_) throw std::system_error(errno, std::generic_category(), "epoll_create1");
}

void Loop::add(int fd, std::uint32_t events, Handler handler) {
  epoll_event event{};
  event.events = events;
  event.data.fd = fd;
  Handler& place = handlers_[fd];
  if (::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, fd, &event) != 0) {
    const int error = errno;
    if (!place) handlers_.erase(fd);
    throw std::system_error(error, std::generic_category(), "epoll_ctl");
  }
  place = std::move(handler);
}

void Loop::change(int fd, std::uint32_t events) {
  epoll_event event{};
  event.events = events;
  event.data.fd = fd;
  ::epoll_ctl(epoll_.get(), EPOLL_CTL_MOD, fd, &event);
}

void Loop::remove(int fd) {
  if (handlers_.erase(fd) != 0) ::epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, fd, nullptr);
}

std::uint64_t Loop::after(std::chrono::milliseconds delay, std::function<void()> f) {
  const auto time = Clock::now() + delay;
  timers_.emplace(std::pair(time, ++last_timer_), std::move(f));
  times_[last_timer_] = time;
  return last_timer_;
}

void Loop::cancel(std::uint64_t timer) {
  const auto found = times_.find(timer);
  if (found == times_.end()) return;
  timers_.erase({found->second, timer});
  times_.erase(found);
}

int Loop::wait_ms() const {
  if (timers_.empty()) return -1;
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(timers_.begin()->first.first - Clock::now()).count();
  return left < 0 ? 0 : static_cast<int>(left);
}

void Loop::run_timers() {
  while (!timers_.empty() && timers_.begin()->first.first <= Clock::now()) {
    const auto first = timers_.begin();
    auto f = std::move(first->second);
    times_.erase(first->first.second);
    timers_.erase(first);
    f();
  }
}

void Loop::run() {
  epoll_event events[64];
  while (!stopped_) {
    const int count = ::epoll_wait(epoll_.get(), events, 64, wait_ms());
    for (int i = 0; i < count && !stopped_; ++i) {
      // One of the others may have removed it.
      const auto found = handlers_.find(events[i].data.fd);
      if (found == handlers_.end()) continue;
      const Handler handler = found->second;
      handler(events[i].events);
    }
    run_timers();
  }
}

} // namespace gantry
