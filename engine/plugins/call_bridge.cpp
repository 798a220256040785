#include "plugins/call_bridge.hpp"

#include <exception>

#include <gantry/sdk/detail/view.hpp>

#include "base/error.hpp"

namespace gantry::plugins {

CallBridge::CallBridge(Call& call) : call_(call) {
  c_.size = sizeof c_;
  c_.ctx = this;
  c_.deadline_ns = call.deadline_ns();
  c_.cancelled = [](void* ctx) -> std::uint32_t { return static_cast<CallBridge*>(ctx)->call_.cancelled() ? 1 : 0; };
  c_.cancel_fd = &CallBridge::cancel_fd;
  c_.progress = [](void* ctx, std::uint64_t current, std::uint64_t total) {
    static_cast<CallBridge*>(ctx)->call_.progress(current, total);
  };
  c_.fail = &CallBridge::fail;
}

/// A descriptor that cannot be made is a call that nobody can cancel.
std::int32_t CallBridge::cancel_fd(void* ctx) noexcept {
  try {
    return static_cast<CallBridge*>(ctx)->call_.cancel_fd();
  } catch (const std::exception&) {
    return -1;
  }
}

void CallBridge::fail(void* ctx, std::int32_t, std::int32_t os_errno, const gantry_str* reason,
                      const gantry_str* message) noexcept {
  auto& self = *static_cast<CallBridge*>(ctx);
  self.os_errno_ = os_errno;
  try {
    self.reason_ = detail::text(reason);
    self.message_ = detail::text(message);
  } catch (const std::exception&) {
    self.message_.clear();
  }
}

void CallBridge::finish(std::int32_t code, const std::string& who, const char* operation) const {
  if (code == GANTRY_OK) return;
  const std::string did = who + " failed " + operation;
  if (code < GANTRY_CANCELLED || code > GANTRY_FORBIDDEN_STATE)
    throw internal(did + " with the unknown code " + std::to_string(code));
  throw Error(static_cast<Code>(code), message_.empty() ? did + " without saying why" : message_, reason_, os_errno_);
}

} // namespace gantry::plugins
