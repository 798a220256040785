#include "plugins/call.hpp"

#include <sys/eventfd.h>

#include <cerrno>

#include "base/error.hpp"

namespace gantry::plugins {

void CancellableCall::cancel() {
  const std::lock_guard lock(guard_);
  if (cancelled_.exchange(true, std::memory_order_acq_rel)) return;
  if (event_) ::eventfd_write(event_.get(), 1);
}

int CancellableCall::cancel_fd() const {
  const std::lock_guard lock(guard_);
  if (!event_) {
    event_.reset(::eventfd(cancelled_ ? 1 : 0, EFD_CLOEXEC | EFD_NONBLOCK));
    if (!event_) throw os_error("make an eventfd for a driver call", errno);
  }
  return event_.get();
}

std::shared_ptr<CancellableCall> make_call(std::int64_t deadline_ns) { return std::make_shared<CancellableCall>(deadline_ns); }

} // namespace gantry::plugins
