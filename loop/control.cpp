#include "loop/control.hpp"

#include <sys/epoll.h>
#include <sys/socket.h>

#include <cstring>
#include <nlohmann/json.hpp>
#include <string>

namespace gantry {

namespace {

using Json = nlohmann::json;

/// A packet with its descriptors; empty at the end of the connection.
std::string receive(int fd, std::vector<UniqueFd>& fds) {
  std::string packet(Control::max_packet, '\0');
  iovec part{packet.data(), packet.size()};
  alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int) * 4)];
  msghdr head{};
  head.msg_iov = &part;
  head.msg_iovlen = 1;
  head.msg_control = control;
  head.msg_controllen = sizeof control;
  const ssize_t n = ::recvmsg(fd, &head, MSG_CMSG_CLOEXEC);
  if (n <= 0) return "";
  for (cmsghdr* item = CMSG_FIRSTHDR(&head); item != nullptr; item = CMSG_NXTHDR(&head, item)) {
    if (item->cmsg_level != SOL_SOCKET || item->cmsg_type != SCM_RIGHTS) continue;
    const std::size_t count = (item->cmsg_len - CMSG_LEN(0)) / sizeof(int);
    for (std::size_t i = 0; i < count; ++i) {
      int number = -1;
      std::memcpy(&number, CMSG_DATA(item) + i * sizeof(int), sizeof number);
      fds.emplace_back(number);
    }
  }
  packet.resize(static_cast<std::size_t>(n));
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
  clients_[number] = std::move(fd);
  loop_.add(number, EPOLLIN, [this, number](std::uint32_t) { on_packet(number); });
}

void Control::on_packet(int fd) {
  std::vector<UniqueFd> fds;
  const std::string packet = receive(fd, fds);
  if (packet.empty()) return drop_client(fd);
  Json answer;
  try {
    answer = handler_(Json::parse(packet), std::move(fds));
  } catch (const std::exception& e) {
    answer = {{"error", e.what()}};
  }
  const std::string text = answer.dump(-1, ' ', false, Json::error_handler_t::replace);
  if (::send(fd, text.data(), text.size(), MSG_NOSIGNAL) < 0) drop_client(fd);
}

void Control::drop_client(int fd) {
  loop_.remove(fd);
  clients_.erase(fd);
  left_();
}

} // namespace gantry
