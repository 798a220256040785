#include "shim/loop.hpp"

#include <sys/epoll.h>
#include <cerrno>
#include <cstdlib>

namespace gantry::runtime_linux::shim {

void Handler::open(UniqueFd fd, std::uint32_t events) {
  fd_ = static_cast<UniqueFd&&>(fd);
  wanted_ = events;
  epoll_event event{events, {this}};
  if (::epoll_ctl(loop_.epoll(), EPOLL_CTL_ADD, fd_.get(), &event) < 0) fd_.reset();
}

void Handler::want(std::uint32_t events) {
  if (!fd_ || events == wanted_) return;
  wanted_ = events;
  epoll_event event{events, {this}};
  ::epoll_ctl(loop_.epoll(), EPOLL_CTL_MOD, fd_.get(), &event);
}

void Handler::close() {
  // Another descriptor of the same file (a client's socket in gantryd) would keep it in the set.
  if (fd_) ::epoll_ctl(loop_.epoll(), EPOLL_CTL_DEL, fd_.get(), nullptr);
  fd_.reset();
}

Loop::Loop() : epoll_(::epoll_create1(EPOLL_CLOEXEC)) {
  if (!epoll_) std::abort();
}

void Loop::dispose(Handler* handler) {
  handler->close();
  disposed_.push_back(handler);
}

void Loop::run(void (*before_wait)(void*), void* context) {
  epoll_event events[32];
  while (!stopped_) {
    before_wait(context);
    const int n = ::epoll_wait(epoll_.get(), events, 32, -1);
    if (n < 0 && errno != EINTR) std::abort();
    for (int i = 0; i < n && !stopped_; ++i) {
      auto* handler = static_cast<Handler*>(events[i].data.ptr);
      if (handler->is_open()) handler->on_event(events[i].events);
    }
    for (Handler* handler : disposed_) delete handler;
    disposed_.clear();
    pace_.rest();
  }
}

} // namespace gantry::runtime_linux::shim
