#include "shim/init_socket.hpp"

#include <sys/epoll.h>
#include <sys/socket.h>
#include <cstring>

#include "shim/process.hpp"
#include "shim/receive.hpp"

namespace gantry::runtime_linux::shim {

InitSocket::InitSocket(Loop& loop, Process& process, UniqueFd fd) : Handler(loop), process_(process) {
  open(static_cast<UniqueFd&&>(fd), EPOLLIN);
}

void InitSocket::on_event(std::uint32_t) {
  InitReport report;
  Received received;
  const ssize_t n = receive_message(fd(), &report, sizeof report - 1, received);
  if (n < 0) return;
  if (n == 0) return process_.on_init_gone();
  report.text[sizeof report.text - 1] = '\0';
  process_.on_init_report(report, static_cast<UniqueFd&&>(received.fds[0]));
}

void InitSocket::send_go() { (void)!::send(fd(), "", 1, MSG_NOSIGNAL | MSG_DONTWAIT); }

} // namespace gantry::runtime_linux::shim
