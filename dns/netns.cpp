#include "dns/netns.hpp"

#include <fcntl.h>
#include <sched.h>

#include <cerrno>
#include <cstdlib>
#include <system_error>

namespace gantry::dns {

namespace {

struct Home {
  UniqueFd fd{::open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC)};
  ~Home() {
    if (::setns(fd.get(), CLONE_NEWNET) != 0) std::abort();
  }
};

} // namespace

void in_namespace(int netns_fd, const std::function<void()>& f) {
  const Home home;
  if (::setns(netns_fd, CLONE_NEWNET) != 0) throw std::system_error(errno, std::generic_category(), "enter a network namespace");
  f();
}

} // namespace gantry::dns
