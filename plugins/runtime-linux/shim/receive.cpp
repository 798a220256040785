#include "shim/receive.hpp"

#include <sys/socket.h>
#include <cerrno>
#include <cstring>

namespace gantry::runtime_linux::shim {

ssize_t receive_message(int socket, void* data, std::size_t size, Received& received) {
  iovec body{data, size};
  alignas(cmsghdr) char control[CMSG_SPACE(max_received_fds * sizeof(int))];
  msghdr message{};
  message.msg_iov = &body;
  message.msg_iovlen = 1;
  message.msg_control = control;
  message.msg_controllen = sizeof control;
  ssize_t n = ::recvmsg(socket, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
  // A peer that ended without reading all we sent is reported first, once; its own last words are still queued behind
  // that (net/core/datagram.c, __skb_try_recv_datagram).
  if (n < 0 && errno == ECONNRESET) n = ::recvmsg(socket, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
  if (n < 0) return errno == EAGAIN || errno == EINTR ? -1 : 0;
  for (cmsghdr* part = CMSG_FIRSTHDR(&message); part; part = CMSG_NXTHDR(&message, part)) {
    if (part->cmsg_level != SOL_SOCKET || part->cmsg_type != SCM_RIGHTS) continue;
    const std::size_t count = (part->cmsg_len - CMSG_LEN(0)) / sizeof(int);
    for (std::size_t i = 0; i < count; ++i) {
      int fd = -1;
      std::memcpy(&fd, CMSG_DATA(part) + i * sizeof(int), sizeof fd);
      UniqueFd owned(fd);
      if (received.count < max_received_fds) received.fds[received.count++] = static_cast<UniqueFd&&>(owned);
    }
  }
  return n;
}

} // namespace gantry::runtime_linux::shim
