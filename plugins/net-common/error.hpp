#pragma once

#include <cerrno>
#include <cstring>
#include <string>

#include <gantry/sdk/error.hpp>

namespace gantry::net {

/// "what: strerror(err)"
inline Error os_error(const std::string& what, int err = errno) {
  return {Code::internal, what + ": " + std::strerror(err), err};
}

} // namespace gantry::net
