#pragma once

#include <optional>

#include <gantry/sdk/fd.hpp>

#include "base/json.hpp"

// What gantryd and gantry-buildkit say to each other: a JSON object per packet of a SOCK_SEQPACKET connection, with a descriptor
// or without.
namespace gantry {

/// Bytes of a message: the head of a request may be in it, with every character escaped.
constexpr std::size_t packet_max = 512 << 10;

/// A message with what came with it.
struct Packet {
  Json message; ///< null when it was no object of at most packet_max bytes
  UniqueFd fd;
};

/// `fd`: -1 for none; a copy of it goes along. Blocks. False when the other side has gone, or does not take it in time
/// (SO_SNDTIMEO). invalid for a message that is too large.
bool send_packet(int connection, const Json& message, int fd);
/// Blocks; absent when the other side has gone.
std::optional<Packet> receive_packet(int connection);

} // namespace gantry
