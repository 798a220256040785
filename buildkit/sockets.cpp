#include "buildkit/sockets.hpp"

#include <poll.h>
#include <sys/socket.h>

#include <cerrno>

namespace gantry::buildkit {

bool has_gone(int connection) {
  pollfd looked{connection, POLLRDHUP, 0};
  return ::poll(&looked, 1, 0) > 0 && (looked.revents & (POLLRDHUP | POLLHUP | POLLERR)) != 0;
}

bool send_all(int connection, std::string_view bytes, const Cancellation& cancellation) {
  while (!bytes.empty()) {
    if (cancellation.cancelled()) return false;
    const ssize_t n = ::send(connection, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (n > 0) {
      bytes.remove_prefix(static_cast<std::size_t>(n));
    } else if (n < 0 && errno == EAGAIN) {
      pollfd wanted{connection, POLLOUT, 0};
      (void)::poll(&wanted, 1, 100);
    } else if (n >= 0 || errno != EINTR) {
      return false;
    }
  }
  return true;
}

} // namespace gantry::buildkit
