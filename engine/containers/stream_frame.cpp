#include "containers/stream_frame.hpp"

#include <linux/sockios.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <cerrno>
#include <ctime>

namespace gantry::containers {

bool all_taken(int socket) {
  int left = 0;
  return ::ioctl(socket, SIOCOUTQ, &left) != 0 || left == 0;
}

void await_taken(int socket) {
  constexpr timespec pause{0, 100'000};
  for (int round = 0; round < 200 && !all_taken(socket); ++round) ::nanosleep(&pause, nullptr);
}

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
