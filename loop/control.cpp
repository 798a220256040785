#include "loop/control.hpp"

#include <sys/epoll.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstring>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string>

namespace gantry {

namespace {

using Json = nlohmann::json;

struct Packet {
  std::string text; ///< empty: the end of the connection
  std::vector<UniqueFd> fds;
  bool whole = true;
};

Packet receive(int fd) {
  Packet packet;
  packet.text.resize(Control::max_packet);
  iovec part{packet.text.data(), packet.text.size()};
  alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int) * 4)];
  msghdr head{};
  head.msg_iov = &part;
  head.msg_iovlen = 1;
  head.msg_control = control;
  head.msg_controllen = sizeof control;
  ssize_t n = 0;
  while ((n = ::recvmsg(fd, &head, MSG_CMSG_CLOEXEC)) < 0 && errno == EINTR) {
  }
  packet.text.resize(n < 0 ? 0 : static_cast<std::size_t>(n));
  if (n <= 0) return packet;
  packet.whole = (head.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) == 0;
  for (cmsghdr* item = CMSG_FIRSTHDR(&head); item != nullptr; item = CMSG_NXTHDR(&head, item)) {
    if (item->cmsg_level != SOL_SOCKET || item->cmsg_type != SCM_RIGHTS) continue;
    const std::size_t count = (item->cmsg_len - CMSG_LEN(0)) / sizeof(int);
    for (std::size_t i = 0; i < count; ++i) {
      int number = -1;
      std::memcpy(&number, CMSG_DATA(item) + i * sizeof(int), sizeof number);
      packet.fds.emplace_back(number);
    }
  }
  return packet;
}

} // namespace

Control::Control(Loop& loop, UniqueFd listener, Handler handler, std::function<void()> left)
    : loop_(loop), listener_(std::move(listener)), handler_(std::move(handler)), left_(std::move(left)) {
  loop_.add(listener_.get(), EPOLLIN, [this](std::uint32_t) { on_connection(); });
}

void Control::on_connection() {
  UniqueFd fd(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
  if (!fd) return;
  const int number = fd.get();
  try {
    loop_.add(number, EPOLLIN, [this, number](std::uint32_t) { on_packet(number); });
    clients_[number] = std::move(fd);
  } catch (const std::exception&) {
    loop_.remove(number); // whoever asks tries again
  }
}

void Control::on_packet(int fd) {
  Packet packet = receive(fd);
  if (packet.text.empty()) return drop_client(fd);
  Json answer;
  try {
    if (!packet.whole) throw std::runtime_error("the packet is too long, or has too many descriptors");
    answer = handler_(Json::parse(packet.text), std::move(packet.fds));
  } catch (const std::exception& e) {
    answer = {{"error", e.what()}};
  }
  const std::string text = answer.dump(-1, ' ', false, Json::error_handler_t::replace);
  while (::send(fd, text.data(), text.size(), MSG_NOSIGNAL) < 0) {
    if (errno != EINTR) return drop_client(fd);
  }
}

void Control::drop_client(int fd) {
  loop_.remove(fd);
  clients_.erase(fd);
  left_();
}

} // namespace gantry
