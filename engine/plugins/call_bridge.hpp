#pragma once

#include <cstdint>
#include <string>

#include <gantry/abi/v1/core.h>
#include <gantry/sdk/host.hpp>

namespace gantry::plugins {

/// The engine's Call as the plugin sees it, for the time of one operation.
class CallBridge {
 public:
  explicit CallBridge(Call& call);
  CallBridge(const CallBridge&) = delete;
  CallBridge& operator=(const CallBridge&) = delete;

  const gantry_call* get() const { return &c_; }
  /// Throws the Error that the driver described when `code`, the operation's result, is not GANTRY_OK. `who` ("driver
  /// 'overlay'") and `operation` name it when the driver did not say anything sensible itself.
  void finish(std::int32_t code, const std::string& who, const char* operation) const;

 private:
  static std::int32_t cancel_fd(void* ctx) noexcept;
  static void fail(void* ctx, std::int32_t code, std::int32_t os_errno, const gantry_str* reason,
                   const gantry_str* message) noexcept;

  Call& call_;
  gantry_call c_{};
  std::int32_t os_errno_ = 0;
  std::string reason_, message_;
};

} // namespace gantry::plugins
