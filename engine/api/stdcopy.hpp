#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "api/version.hpp"

namespace gantry::api {

/// Appends Docker's frame: stream number, three zeros, big-endian length, payload.
void append_frame(std::string& out, std::uint8_t stream, std::string_view payload);

constexpr std::string_view raw_stream_media_type = "application/vnd.docker.raw-stream";

/// Content-Type of attach, exec and logs: raw with a terminal, and for clients that do not know the name of frames yet.
std::string stream_media_type(bool tty, ApiVersion version);

} // namespace gantry::api
