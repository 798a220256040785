#include "net-common/socket.hpp"

#include <linux/netlink.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include "net-common/error.hpp"

namespace gantry::net {

namespace {

constexpr std::size_t receive_size = 64 << 10;
constexpr std::size_t ordinary_size = 64 << 10;

} // namespace

Socket::Socket(int protocol) : fd_(::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, protocol)), buffer_(receive_size) {
  if (!fd_) throw os_error("open a netlink socket");
  // Errors come without the request.
  const int on = 1;
  ::setsockopt(fd_.get(), SOL_NETLINK, NETLINK_CAP_ACK, &on, sizeof on);
  sockaddr_nl address{};
  address.nl_family = AF_NETLINK;
  if (::bind(fd_.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) throw os_error("bind a netlink socket");
}

void Socket::send(const std::vector<Message*>& messages) {
  std::vector<iovec> parts;
  parts.reserve(messages.size());
  std::size_t total = 0;
  for (Message* message : messages) {
    parts.push_back({message->get(), message->size()});
    total += message->size();
  }
  // What goes out at once has to fit into the socket's buffer.
  const int room = static_cast<int>(total * 2);
  if (total > ordinary_size) ::setsockopt(fd_.get(), SOL_SOCKET, SO_SNDBUFFORCE, &room, sizeof room);
  sockaddr_nl kernel{};
  kernel.nl_family = AF_NETLINK;
  msghdr head{};
  head.msg_name = &kernel;
  head.msg_namelen = sizeof kernel;
  head.msg_iov = parts.data();
  head.msg_iovlen = parts.size();
  while (::sendmsg(fd_.get(), &head, 0) < 0) {
    if (errno != EINTR) throw os_error("send to netlink");
  }
}

ssize_t Socket::receive() {
  for (;;) {
    const ssize_t n = ::recv(fd_.get(), buffer_.data(), buffer_.size(), 0);
    if (n >= 0) return n;
    if (errno != EINTR) throw os_error("receive from netlink");
  }
}

std::vector<int> Socket::run(std::vector<Message>& messages) {
  std::vector<Message*> pointers;
  const std::uint32_t first = sequence_ + 1;
  for (Message& message : messages) {
    message.get()->nlmsg_flags |= NLM_F_ACK;
    message.get()->nlmsg_seq = ++sequence_;
    pointers.push_back(&message);
  }
  std::vector<int> results(messages.size(), 0);
  if (messages.empty()) return results;
  send(pointers);
  for (std::size_t left = messages.size(); left > 0;) {
    int size = static_cast<int>(receive());
    for (const auto* head = reinterpret_cast<const nlmsghdr*>(buffer_.data()); mnl_nlmsg_ok(head, size);
         head = mnl_nlmsg_next(head, &size)) {
      if (head->nlmsg_type != NLMSG_ERROR || head->nlmsg_seq < first || head->nlmsg_seq > sequence_) continue;
      const auto* error = static_cast<const nlmsgerr*>(mnl_nlmsg_get_payload(head));
      results[head->nlmsg_seq - first] = -error->error;
      --left;
    }
  }
  return results;
}

int Socket::run_batch(std::vector<Message>& messages) {
  std::vector<Message*> pointers;
  const std::uint32_t first = sequence_ + 1;
  for (Message& message : messages) {
    message.get()->nlmsg_seq = ++sequence_;
    pointers.push_back(&message);
  }
  // Errors come by themselves, before the end; the last change's acknowledgement says that it was all.
  const std::size_t last = messages.size() - 2;
  messages[last].get()->nlmsg_flags |= NLM_F_ACK;
  send(pointers);
  for (;;) {
    int size = static_cast<int>(receive());
    for (const auto* head = reinterpret_cast<const nlmsghdr*>(buffer_.data()); mnl_nlmsg_ok(head, size);
         head = mnl_nlmsg_next(head, &size)) {
      if (head->nlmsg_type != NLMSG_ERROR || head->nlmsg_seq < first || head->nlmsg_seq > sequence_) continue;
      const int error = -static_cast<const nlmsgerr*>(mnl_nlmsg_get_payload(head))->error;
      if (error != 0 || head->nlmsg_seq == first + last) return error;
    }
  }
}

int Socket::run(Message message) {
  std::vector<Message> one;
  one.push_back(std::move(message));
  return run(one).front();
}

void Socket::dump(Message message, const std::function<void(const nlmsghdr&)>& each) {
  const bool is_dump = (message.get()->nlmsg_flags & NLM_F_DUMP) == NLM_F_DUMP;
  message.get()->nlmsg_seq = ++sequence_;
  send({&message});
  for (;;) {
    int size = static_cast<int>(receive());
    for (const auto* head = reinterpret_cast<const nlmsghdr*>(buffer_.data()); mnl_nlmsg_ok(head, size);
         head = mnl_nlmsg_next(head, &size)) {
      if (head->nlmsg_seq != sequence_) continue;
      if (head->nlmsg_type == NLMSG_DONE) {
        // A dump that the kernel cannot do ends with the reason in place of a list.
        const bool told = mnl_nlmsg_get_payload_len(head) >= sizeof(int);
        const int code = told ? -*static_cast<const int*>(mnl_nlmsg_get_payload(head)) : 0;
        if (code > 0) throw os_error("ask netlink", code);
        return;
      }
      if (head->nlmsg_type == NLMSG_ERROR) {
        const int code = -static_cast<const nlmsgerr*>(mnl_nlmsg_get_payload(head))->error;
        if (code != 0) throw os_error("ask netlink", code);
        return;
      }
      each(*head);
      if (!is_dump) return;
    }
  }
}

} // namespace gantry::net
