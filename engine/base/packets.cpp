#include "base/packets.hpp"

#include <sys/socket.h>

#include <cerrno>
#include <cstring>

#include "base/error.hpp"

namespace gantry {
namespace {

/// Room for one descriptor.
union Rights {
  cmsghdr head;
  char bytes[CMSG_SPACE(sizeof(int))];
};

} // namespace

bool send_packet(int connection, const Json& message, int fd) {
  std::string text = message.dump(-1, ' ', false, Json::error_handler_t::replace);
  if (text.size() > packet_max)
    throw invalid("a request of BuildKit's with " + std::to_string(text.size()) + " bytes of parameters");
  iovec part{text.data(), text.size()};
  Rights rights{};
  msghdr head{};
  head.msg_iov = &part;
  head.msg_iovlen = 1;
  if (fd >= 0) {
    head.msg_control = rights.bytes;
    head.msg_controllen = sizeof rights.bytes;
    cmsghdr* item = CMSG_FIRSTHDR(&head);
    item->cmsg_level = SOL_SOCKET;
    item->cmsg_type = SCM_RIGHTS;
    item->cmsg_len = CMSG_LEN(sizeof fd);
    std::memcpy(CMSG_DATA(item), &fd, sizeof fd);
  }
  ssize_t n = 0;
  while ((n = ::sendmsg(connection, &head, MSG_NOSIGNAL)) < 0 && errno == EINTR) {
  }
  return n >= 0;
}

std::optional<Packet> receive_packet(int connection) {
  std::string text(packet_max, '\0');
  iovec part{text.data(), text.size()};
  Rights rights{};
  msghdr head{};
  head.msg_iov = &part;
  head.msg_iovlen = 1;
  head.msg_control = rights.bytes;
  head.msg_controllen = sizeof rights.bytes;
  ssize_t n = 0;
  while ((n = ::recvmsg(connection, &head, MSG_CMSG_CLOEXEC)) < 0 && errno == EINTR) {
  }
  if (n <= 0) return {};
  Packet packet;
  const cmsghdr* item = CMSG_FIRSTHDR(&head);
  if (item != nullptr && item->cmsg_level == SOL_SOCKET && item->cmsg_type == SCM_RIGHTS) {
    int fd = -1;
    std::memcpy(&fd, CMSG_DATA(item), sizeof fd);
    packet.fd.reset(fd);
  }
  text.resize(static_cast<std::size_t>(n));
  packet.message = (head.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) != 0 ? Json() : Json::parse(text, nullptr, false);
  if (!packet.message.is_object()) packet.message = Json();
  return packet;
}

} // namespace gantry
