#include "buildkit/cancellation.hpp"

namespace gantry::buildkit {

void Cancellation::cancel() {
  const std::lock_guard lock(guard_);
  if (cancelled_.exchange(true)) return;
  // Under the lock: a hook that is being removed waits until its action has run.
  for (const auto& [id, action] : hooks_) action();
}

Cancellation::Hook::Hook(Cancellation& owner, std::function<void()> action) : owner_(owner) {
  const std::lock_guard lock(owner_.guard_);
  if (owner_.cancelled_) action();
  id_ = owner_.next_++;
  owner_.hooks_[id_] = std::move(action);
}

Cancellation::Hook::~Hook() {
  const std::lock_guard lock(owner_.guard_);
  owner_.hooks_.erase(id_);
}

} // namespace gantry::buildkit
