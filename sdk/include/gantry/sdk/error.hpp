#pragma once

#include <stdexcept>
#include <string>
#include <utility>

namespace gantry {

/// What went wrong, as a stable number: gRPC's codes 1-16 plus two of our own. The engine maps codes to HTTP statuses
/// in one table (engine/api/error_status.cpp); drivers and services only ever pick the code.
enum class Code : int {
  cancelled = 1,
  unknown = 2,
  invalid = 3, ///< the caller's argument is wrong (400)
  deadline_exceeded = 4,
  not_found = 5,          ///< 404
  already_exists = 6,     ///< 409
  forbidden = 7,          ///< 403
  resource_exhausted = 8, ///< no space, no memory, no free id
  failed_precondition = 9,
  aborted = 10,
  out_of_range = 11,
  not_implemented = 12, ///< 501
  internal = 13,        ///< 500
  unavailable = 14,     ///< 503
  data_loss = 15,
  unauthorized = 16,    ///< 401
  in_use = 17,          ///< the object is referenced by another one (409)
  forbidden_state = 18, ///< the object's current state does not allow this (409)
};

/// The one exception type of engine, SDK and drivers. `what()` is a sentence for the user, without a trailing newline.
/// Thrown where the fact is known; context is added once per layer with `context`.
class Error : public std::runtime_error {
 public:
  Error(Code code, const std::string& message, int os_errno = 0)
      : std::runtime_error(message), code_(code), os_errno_(os_errno) {}

  Error(Code code, const std::string& message, std::string reason, int os_errno = 0)
      : std::runtime_error(message), code_(code), os_errno_(os_errno), reason_(std::move(reason)) {}

  Code code() const noexcept { return code_; }
  /// errno of the failed system call, 0 when none.
  int os_errno() const noexcept { return os_errno_; }
  /// Stable snake_case token for programs ("command_not_found"), empty when there is none.
  const std::string& reason() const noexcept { return reason_; }

  /// The same error with "prefix: " before its message.
  Error context(const std::string& prefix) const { return {code_, prefix + ": " + what(), reason_, os_errno_}; }

 private:
  Code code_;
  int os_errno_;
  std::string reason_;
};

/// What an optional operation of a driver class throws until it is overridden.
inline Error not_implemented_by_driver(const char* operation) {
  return {Code::not_implemented, std::string("the driver does not implement ") + operation};
}

} // namespace gantry
