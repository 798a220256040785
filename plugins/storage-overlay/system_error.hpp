#pragma once

#include <cerrno>
#include <string>
#include <system_error>

#include <gantry/sdk/error.hpp>

namespace gantry::storage_overlay {

inline Code code_of(int err) {
  switch (err) {
    case ENOSPC:
    case EDQUOT:
    case EMFILE:
    case ENFILE:
    case ENOMEM:
    case EMLINK:
      return Code::resource_exhausted;
    case EROFS:
      return Code::failed_precondition;
    default:
      return Code::internal;
  }
}

/// "what: No space left on device".
inline Error system_error(const std::string& what, int err) {
  return {code_of(err), what + ": " + std::generic_category().message(err), err};
}

} // namespace gantry::storage_overlay
