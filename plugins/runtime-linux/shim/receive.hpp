#pragma once

#include <sys/types.h>
#include <cstddef>
#include <gantry/sdk/fd.hpp>

namespace gantry::runtime_linux::shim {

inline constexpr int max_received_fds = 4;

struct Received {
  UniqueFd fds[max_received_fds];
  int count = 0;
};

/// One message of a SOCK_SEQPACKET socket with its descriptors (close-on-exec), without blocking. 0 at the end of the
/// connection, -1 when there is nothing now.
ssize_t receive_message(int socket, void* data, std::size_t size, Received& received);

} // namespace gantry::runtime_linux::shim
