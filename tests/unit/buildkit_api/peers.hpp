#pragma once

#include <sys/socket.h>

#include <cstring>
#include <stdexcept>

#include <gantry/sdk/fd.hpp>

// What both sides of gantry-buildkit have: sockets, and descriptors by way of them.
namespace gantry::buildkit {

struct Pair {
  explicit Pair(int type) {
    int ends[2];
    if (::socketpair(AF_UNIX, type | SOCK_CLOEXEC, 0, ends) != 0) throw std::runtime_error("socketpair");
    one.reset(ends[0]);
    other.reset(ends[1]);
  }
  UniqueFd one, other;
};

/// Empty at the end.
inline UniqueFd receive_fd(int socket) {
  char byte[256];
  iovec piece{byte, sizeof byte};
  alignas(cmsghdr) char space[CMSG_SPACE(sizeof(int))] = {};
  msghdr header{};
  header.msg_iov = &piece;
  header.msg_iovlen = 1;
  header.msg_control = space;
  header.msg_controllen = sizeof space;
  if (::recvmsg(socket, &header, MSG_CMSG_CLOEXEC) <= 0 || CMSG_FIRSTHDR(&header) == nullptr) return {};
  int fd = -1;
  std::memcpy(&fd, CMSG_DATA(CMSG_FIRSTHDR(&header)), sizeof fd);
  return UniqueFd(fd);
}

} // namespace gantry::buildkit
