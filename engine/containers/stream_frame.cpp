#include "containers/stream_frame.hpp"

#include <poll.h>
#include <sys/socket.h>

#include <cerrno>

namespace gantry::containers {

bool send_all(int socket, std::string_view bytes) {
  constexpr int patience_ms = 10'000;
  while (!bytes.empty()) {
    const ssize_t sent = ::send(socket, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent > 0) {
      bytes.remove_prefix(static_cast<std::size_t>(sent));
      continue;
    }
    if (sent < 0 && errno == EINTR) continue;
    if (sent < 0 && errno != EAGAIN) return false;
    pollfd writable{socket, POLLOUT, 0};
    if (::poll(&writable, 1, patience_ms) != 1) return false;
  }
  return true;
}

} // namespace gantry::containers
