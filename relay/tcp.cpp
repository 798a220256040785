#include "relay/tcp.hpp"

#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <exception>
#include <vector>

namespace gantry::relay {

namespace {

/// Two sockets and at most two pipes.
constexpr std::size_t files_of_one = 6;
constexpr int at_once = 64;

std::size_t most_connections() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return 100;
  return std::clamp<std::size_t>(limit.rlim_cur / 2 / files_of_one, 16, 100'000);
}

void set(int fd, int level, int option, int value) { ::setsockopt(fd, level, option, &value, sizeof value); }

/// Bytes go on as they come, and an end that has vanished is noticed after some minutes.
void prepare(int fd) {
  set(fd, IPPROTO_TCP, TCP_NODELAY, 1);
  set(fd, SOL_SOCKET, SO_KEEPALIVE, 1);
  set(fd, IPPROTO_TCP, TCP_KEEPIDLE, 120);
  set(fd, IPPROTO_TCP, TCP_KEEPINTVL, 30);
  set(fd, IPPROTO_TCP, TCP_KEEPCNT, 4);
}

/// linux/netfilter_ipv6/ip6_tables.h, which does not go with C++.
constexpr int ip6t_so_original_dst = 80;

/// What the client connected to: with tproxy that is our end's name, after redirect conntrack knows it.
bool meant_place(int fd, std::uint16_t own_port, sockaddr_in6& meant) {
  socklen_t size = sizeof meant;
  if (::getsockname(fd, reinterpret_cast<sockaddr*>(&meant), &size) != 0) return false;
  if (ntohs(meant.sin6_port) != own_port) return true;
  size = sizeof meant;
  return ::getsockopt(fd, SOL_IPV6, ip6t_so_original_dst, &meant, &size) == 0 && ntohs(meant.sin6_port) != own_port;
}

UniqueFd connect_to(const Target& target) {
  UniqueFd fd(::socket(target.address.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (fd && ::connect(fd.get(), target.get(), target.size) != 0 && errno != EINPROGRESS) fd.reset();
  return fd;
}

} // namespace

Tcp::Tcp(Loop& loop, const Routes& routes, UniqueFd listener, std::uint16_t own_port, TcpLimits limits)
    : loop_(loop),
      routes_(routes),
      listener_(std::move(listener)),
      own_port_(own_port),
      limits_{limits.most == 0 ? most_connections() : limits.most, limits.sweep},
      shares_(limits_.most) {
  loop_.add(listener_.get(), EPOLLIN, [this](std::uint32_t) { on_connection(); });
  loop_.after(limits_.sweep, [this] { sweep(); });
}

void Tcp::on_connection() {
  for (int i = 0; i < at_once; ++i) {
    if (streams_.size() >= limits_.most) return pause();
    UniqueFd client(::accept4(listener_.get(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
    if (client)
      begin(std::move(client));
    else if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM)
      return pause();
    else if (errno == EAGAIN)
      return;
  }
}

void Tcp::begin(UniqueFd client) {
  sockaddr_in6 meant{};
  const linger reset{1, 0};
  ::setsockopt(client.get(), SOL_SOCKET, SO_LINGER, &reset, sizeof reset); // as long as it leads nowhere
  if (!meant_place(client.get(), own_port_, meant)) return;
  const auto target = routes_.find(false, meant.sin6_addr, ntohs(meant.sin6_port));
  if (!target || shares_.is_full(*target)) return;
  UniqueFd upstream = connect_to(*target);
  if (!upstream) return;
  try {
    carry(std::move(client), std::move(upstream), *target);
  } catch (const std::exception&) { // that one gets nowhere: the kernel waits for no more of them
  }
}

void Tcp::carry(UniqueFd client, UniqueFd upstream, const Target& target) {
  const int id = client.get();
  prepare(id);
  prepare(upstream.get());
  auto stream = std::make_unique<Stream>(loop_, pipes_, std::move(client), std::move(upstream), [this, id, target] {
    streams_.erase(id);
    shares_.remove(target);
    resume();
  });
  streams_[id] = std::move(stream);
  shares_.add(target);
  const linger usual{0, 0};
  ::setsockopt(id, SOL_SOCKET, SO_LINGER, &usual, sizeof usual);
}

void Tcp::sweep() {
  std::vector<Stream*> all; // each may end itself, and no other
  all.reserve(streams_.size());
  for (const auto& [id, stream] : streams_) all.push_back(stream.get());
  for (Stream* stream : all) stream->end_if_broken();
  loop_.after(limits_.sweep, [this] { sweep(); });
}

void Tcp::pause() {
  if (std::exchange(paused_, true)) return;
  loop_.remove(listener_.get());
  loop_.after(std::chrono::milliseconds(100), [this] { resume(); });
}

void Tcp::resume() {
  if (streams_.size() >= limits_.most || !paused_) return;
  try {
    loop_.add(listener_.get(), EPOLLIN, [this](std::uint32_t) { on_connection(); });
    paused_ = false;
  } catch (const std::exception&) {
    loop_.after(std::chrono::milliseconds(100), [this] { resume(); });
  }
}

} // namespace gantry::relay
