#include "registry/cancel.hpp"

#include <sys/eventfd.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>

#include "base/error.hpp"

namespace gantry::registry {

Cancel::Cancel() : event_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  if (!event_) throw os_error("make an eventfd", errno);
}

void Cancel::set() {
  std::lock_guard lock(guard_);
  if (set_) return;
  set_ = true;
  const std::uint64_t one = 1;
  [[maybe_unused]] auto written = ::write(event_.get(), &one, sizeof one);
  for (const auto& [id, listener] : listeners_) listener();
}

bool Cancel::is_set() const { return set_; }

void Cancel::check() const {
  if (is_set()) throw Error(Code::cancelled, "context canceled");
}

Cancel::Subscription::Subscription(Cancel& cancel, std::function<void()> f) : cancel_(cancel) {
  std::lock_guard lock(cancel_.guard_);
  if (cancel_.set_) f();
  id_ = cancel_.next_++;
  cancel_.listeners_[id_] = std::move(f);
}

Cancel::Subscription::~Subscription() {
  std::lock_guard lock(cancel_.guard_);
  cancel_.listeners_.erase(id_);
}

} // namespace gantry::registry
