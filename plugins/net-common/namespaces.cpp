#include "net-common/namespaces.hpp"

#include <fcntl.h>
#include <sched.h>

#include <cstdlib>

#include "net-common/error.hpp"

namespace gantry::net {

InNamespace::InNamespace(int netns_fd) : home_(::open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC)) {
  if (!home_) throw os_error("open the daemon's network namespace");
  if (::setns(netns_fd, CLONE_NEWNET) != 0) throw os_error("enter the container's network namespace");
}

InNamespace::~InNamespace() {
  if (::setns(home_.get(), CLONE_NEWNET) != 0) std::abort();
}

} // namespace gantry::net
