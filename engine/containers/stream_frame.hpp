#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace gantry::containers {

/// Docker's stdcopy frame: stream number, three zeros, length big-endian, payload.
inline std::string stream_frame(std::uint8_t stream, std::string_view payload) {
  const auto size = static_cast<std::uint32_t>(payload.size());
  const std::array<char, 8> header = {static_cast<char>(stream),
                                      0,
                                      0,
                                      0,
                                      static_cast<char>(size >> 24),
                                      static_cast<char>((size >> 16) & 0xff),
                                      static_cast<char>((size >> 8) & 0xff),
                                      static_cast<char>(size & 0xff)};
  std::string frame(header.data(), header.size());
  frame += payload;
  return frame;
}

/// Writes all of it to a socket, waiting at most ten seconds for a reader that stands still. False when it was not taken.
bool send_all(int socket, std::string_view bytes);

/// Whether the other end has taken all that was sent (unix sockets; for TCP: acknowledged it).
bool all_taken(int socket);

/// Blocks until then, at most 20 ms. docker-py reads a reply's head through a buffer and the stream below it: output that
/// arrives together with the head would be lost to it.
void await_taken(int socket);

} // namespace gantry::containers
