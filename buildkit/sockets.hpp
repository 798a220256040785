#pragma once

#include <string_view>

#include "buildkit/cancellation.hpp"

namespace gantry::buildkit {

/// Whether the other end of a stream socket has closed, or does not send any more.
bool has_gone(int connection);

/// All of `bytes`, on a socket that may block or not. False when the other end has gone or `cancellation` is cancelled, which is
/// seen within 0.1 s although the other end does not read.
bool send_all(int connection, std::string_view bytes, const Cancellation& cancellation);

} // namespace gantry::buildkit
