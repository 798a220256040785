#pragma once

#include <exception>
#include <string>

#include <gantry/sdk/error.hpp>

namespace gantry::api {

/// What an error looks like at the wire.
struct ErrorReply {
  int status = 500;
  std::string message;
};

int status_of(Code code);
/// Of the exception in flight: an Error by its code, everything else as 500.
ErrorReply describe(const std::exception_ptr& failure);

} // namespace gantry::api
