#include "api/stdcopy.hpp"

namespace gantry::api {

void append_frame(std::string& out, std::uint8_t stream, std::string_view payload) {
  const auto size = static_cast<std::uint32_t>(payload.size());
  const char head[8] = {static_cast<char>(stream),
                        0,
                        0,
                        0,
                        static_cast<char>(size >> 24),
                        static_cast<char>(size >> 16),
                        static_cast<char>(size >> 8),
                        static_cast<char>(size)};
  out.append(head, sizeof head).append(payload);
}

std::string stream_media_type(bool tty, ApiVersion version) {
  const bool framed = !tty && version >= ApiVersion{1, 42};
  return framed ? "application/vnd.docker.multiplexed-stream" : std::string(raw_stream_media_type);
}

} // namespace gantry::api
