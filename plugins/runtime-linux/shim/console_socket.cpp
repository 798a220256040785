#include "shim/console_socket.hpp"

#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
#include <cstdio>

#include "shim/process.hpp"
#include "shim/receive.hpp"

namespace gantry::runtime_linux::shim {

ConsoleSocket::ConsoleSocket(Loop& loop, Process& process, int bundle, const char* name) : Handler(loop), process_(process) {
  UniqueFd socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::snprintf(address.sun_path, sizeof address.sun_path, "/proc/self/fd/%d/%s", bundle, name);
  ::unlinkat(bundle, name, 0);
  if (!socket || ::bind(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) < 0) return;
  if (::listen(socket.get(), 1) == 0) open(static_cast<UniqueFd&&>(socket), EPOLLIN);
}

/// The connection itself is not waited for: the runtime ends soon, and then everything is there.
void ConsoleSocket::on_event(std::uint32_t) {
  receive();
  if (connection_) want(0);
}

void ConsoleSocket::receive() {
  if (!connection_) connection_.reset(::accept4(fd(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
  if (!connection_) return;
  char name[4096];
  Received received;
  if (receive_message(connection_.get(), name, sizeof name, received) <= 0 || !received.count) return;
  process_.take_terminal(static_cast<UniqueFd&&>(received.fds[0]));
}

} // namespace gantry::runtime_linux::shim
