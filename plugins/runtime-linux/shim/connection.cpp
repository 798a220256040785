#include "shim/connection.hpp"

#include <sys/epoll.h>
#include <sys/socket.h>
#include <cstring>

#include "shim/receive.hpp"
#include "shim/shim.hpp"

namespace gantry::runtime_linux::shim {

Connection::Connection(Loop& loop, Shim& shim, UniqueFd socket) : Handler(loop), shim_(shim) {
  open(static_cast<UniqueFd&&>(socket), EPOLLIN);
}

void Connection::on_event(std::uint32_t events) {
  ControlRequest request;
  Received received;
  const ssize_t n = receive_message(fd(), &request, sizeof request, received);
  if (n < 0 && !(events & (EPOLLHUP | EPOLLERR))) return;
  if (n <= 0) return shim_.drop(*this);
  if (served_) return; // one request per connection
  served_ = true;
  constexpr auto minimum = static_cast<ssize_t>(sizeof(ControlRequest));
  if (n < minimum || request.exec_id_size >= max_exec_id || request.detach_keys_size > max_detach_keys)
    return reply(ControlResult::invalid, "malformed control request");
  request.exec_id[request.exec_id_size] = '\0';
  shim_.serve(*this, request, received);
}

void Connection::reply(ControlReply& reply) {
  (void)!::send(fd(), &reply, control_reply_head + reply.message_size, MSG_NOSIGNAL | MSG_DONTWAIT);
}

void Connection::reply(ControlResult result, const char* message) {
  ControlReply answer;
  answer.result = result;
  answer.message_size = static_cast<std::uint32_t>(std::strlen(message));
  std::memcpy(answer.message, message, answer.message_size);
  reply(answer);
}

Listener::Listener(Loop& loop, Shim& shim, UniqueFd socket) : Handler(loop), shim_(shim) {
  open(static_cast<UniqueFd&&>(socket), EPOLLIN);
}

void Listener::on_event(std::uint32_t) {
  const int socket = ::accept4(fd(), nullptr, nullptr, SOCK_CLOEXEC);
  if (socket >= 0) new Connection(loop_, shim_, UniqueFd(socket));
}

} // namespace gantry::runtime_linux::shim
