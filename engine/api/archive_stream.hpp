#pragma once

#include <functional>

#include <gantry/sdk/fd.hpp>

#include "api/content_coding.hpp"
#include "api/http.hpp"

namespace gantry::api {

/// Streams what `write` puts into the pipe that it is given. It runs on a thread of its own and may block; what it
/// throws before the first byte is the answer, later it cuts the stream. A client that hangs up ends it with EPIPE.
/// `coding`: what the client is sent it in, see content_coding.hpp.
Task<void> stream_archive(Pool& pool, Reply& reply, std::string content_type, std::function<void(UniqueFd)> write,
                          Coding coding = Coding::identity);

} // namespace gantry::api
