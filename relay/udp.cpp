#include "relay/udp.hpp"

#include <netinet/udp.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <exception>

namespace gantry::relay {

namespace {

constexpr std::size_t longest_datagram = 65535;
constexpr int datagrams_at_once = 64;

bool is_link_local(const in6_addr& address) { return address.s6_addr[0] == 0xfe && (address.s6_addr[1] & 0xc0) == 0x80; }

/// The address that the datagram was sent to, before nftables sent it here.
bool meant_address(msghdr& head, sockaddr_in6& meant) {
  for (cmsghdr* item = CMSG_FIRSTHDR(&head); item != nullptr; item = CMSG_NXTHDR(&head, item)) {
    if (item->cmsg_level != SOL_IPV6 || item->cmsg_type != IPV6_ORIGDSTADDR) continue;
    std::memcpy(&meant, CMSG_DATA(item), sizeof meant);
    meant.sin6_scope_id = 0;
    return true;
  }
  return false;
}

} // namespace

bool Udp::Key::is_its_own_answer() const {
  return client.sin6_port == meant.sin6_port && std::memcmp(&client.sin6_addr, &meant.sin6_addr, sizeof meant.sin6_addr) == 0;
}

bool Udp::Key::operator<(const Key& other) const {
  const int client_order = std::memcmp(&client, &other.client, sizeof client);
  return client_order != 0 ? client_order < 0 : std::memcmp(&meant, &other.meant, sizeof meant) < 0;
}

Udp::Udp(Loop& loop, const Routes& routes, UniqueFd datagrams, UniqueFd answers, std::uint16_t own_port)
    : loop_(loop),
      routes_(routes),
      datagrams_(std::move(datagrams)),
      answers_(std::move(answers)),
      own_port_(own_port),
      buffer_(longest_datagram) {
  loop_.add(datagrams_.get(), EPOLLIN, [this](std::uint32_t) { on_datagrams(); });
}

void Udp::on_datagrams() {
  for (int i = 0; i < datagrams_at_once; ++i) {
    Key key;
    iovec part{buffer_.data(), buffer_.size()};
    alignas(cmsghdr) char control[CMSG_SPACE(sizeof(sockaddr_in6)) + 64];
    msghdr head{};
    head.msg_name = &key.client;
    head.msg_namelen = sizeof key.client;
    head.msg_iov = &part;
    head.msg_iovlen = 1;
    head.msg_control = control;
    head.msg_controllen = sizeof control;
    const ssize_t n = ::recvmsg(datagrams_.get(), &head, 0);
    if (n < 0 && errno == EAGAIN) return;
    if (n < 0 || !meant_address(head, key.meant) || ntohs(key.meant.sin6_port) == own_port_ || key.is_its_own_answer()) continue;
    key.client.sin6_flowinfo = key.meant.sin6_flowinfo = 0;
    on_datagram(key, static_cast<std::size_t>(n));
  }
}

void Udp::on_datagram(const Key& key, std::size_t size) {
  auto known = by_key_.find(key);
  if (known == by_key_.end()) {
    const auto target = routes_.find(true, key.meant.sin6_addr, ntohs(key.meant.sin6_port));
    if (!target) return;
    const auto fresh = begin(key, *target);
    if (fresh == sessions_.end()) return;
    known = by_key_.find(key);
  }
  touch(known->second);
  (void)!::send(known->second->fd.get(), buffer_.data(), size, 0); // as lossy as the wire
}

void Udp::make_room(const Target& target) {
  if (shares_.is_full(target)) {
    const std::string host = Shares::host_of(target);
    const auto oldest = std::find_if(sessions_.begin(), sessions_.end(),
                                     [&](const Session& session) { return Shares::host_of(session.target) == host; });
    if (oldest != sessions_.end()) end(oldest);
  }
  if (sessions_.size() >= most_sessions) end(sessions_.begin());
}

Udp::Sessions::iterator Udp::begin(const Key& key, const Target& target) {
  make_room(target);
  UniqueFd fd(::socket(target.address.ss_family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!fd || ::connect(fd.get(), target.get(), target.size) != 0) return sessions_.end();
  const auto at = sessions_.insert(sessions_.end(), Session{key, target, std::move(fd), Loop::Clock::now()});
  by_key_[key] = at;
  shares_.add(target);
  try {
    loop_.add(at->fd.get(), EPOLLIN, [this, key](std::uint32_t) {
      const auto found = by_key_.find(key);
      if (found != by_key_.end()) on_answers(found->second);
    });
  } catch (const std::exception&) { // that sender gets nowhere: the kernel waits for no more of them
    end(at);
    return sessions_.end();
  }
  if (!std::exchange(timing_, true)) loop_.after(longest_silence, [this] { end_silent(); });
  return at;
}

void Udp::end(Sessions::iterator session) {
  loop_.remove(session->fd.get());
  by_key_.erase(session->key);
  shares_.remove(session->target);
  sessions_.erase(session);
}

void Udp::touch(Sessions::iterator session) {
  session->last = Loop::Clock::now();
  sessions_.splice(sessions_.end(), sessions_, session);
}

void Udp::on_answers(Sessions::iterator session) {
  touch(session);
  for (int i = 0; i < datagrams_at_once; ++i) {
    const ssize_t n = ::recv(session->fd.get(), buffer_.data(), buffer_.size(), 0);
    if (n < 0 && errno == ECONNREFUSED) continue; // the container has nobody there now
    if (n < 0) return;
    send_answer(session->key, static_cast<std::size_t>(n));
  }
}

void Udp::send_answer(const Key& key, std::size_t size) {
  udphdr header{};
  header.source = key.meant.sin6_port;
  header.dest = key.client.sin6_port;
  header.len = htons(static_cast<std::uint16_t>(sizeof header + size));
  if (sizeof header + size > longest_datagram) return;
  sockaddr_in6 to = key.client;
  to.sin6_port = 0; // of a raw socket that would be the protocol
  iovec parts[2] = {{&header, sizeof header}, {buffer_.data(), size}};
  alignas(cmsghdr) char control[CMSG_SPACE(sizeof(in6_pktinfo))] = {};
  msghdr head{};
  head.msg_name = &to;
  head.msg_namelen = sizeof to;
  head.msg_iov = parts;
  head.msg_iovlen = 2;
  head.msg_control = control;
  head.msg_controllen = sizeof control;
  cmsghdr* item = CMSG_FIRSTHDR(&head);
  item->cmsg_level = SOL_IPV6;
  item->cmsg_type = IPV6_PKTINFO;
  item->cmsg_len = CMSG_LEN(sizeof(in6_pktinfo));
  in6_pktinfo from{};
  from.ipi6_addr = key.meant.sin6_addr;
  if (is_link_local(from.ipi6_addr)) from.ipi6_ifindex = to.sin6_scope_id;
  std::memcpy(CMSG_DATA(item), &from, sizeof from);
  (void)::sendmsg(answers_.get(), &head, MSG_NOSIGNAL);
}

void Udp::check_routes() {
  for (auto session = sessions_.begin(); session != sessions_.end();) {
    const auto next = std::next(session);
    const auto& meant = session->key.meant;
    if (routes_.find(true, meant.sin6_addr, ntohs(meant.sin6_port)) != session->target) end(session);
    session = next;
  }
}

void Udp::end_silent() {
  timing_ = false;
  const auto latest = Loop::Clock::now() - longest_silence;
  while (!sessions_.empty() && sessions_.front().last <= latest) end(sessions_.begin());
  if (sessions_.empty()) return;
  timing_ = true;
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(sessions_.front().last - latest);
  loop_.after(left, [this] { end_silent(); });
}

} // namespace gantry::relay
