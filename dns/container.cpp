#include "dns/container.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstring>
#include <system_error>

#include "dns/answer.hpp"
#include "dns/netns.hpp"
#include "dns/redirect.hpp"

namespace gantry::dns {

namespace {

constexpr std::size_t max_clients = 64;
constexpr std::chrono::milliseconds idle{10'000};
/// Datagrams that are answered before others get their turn.
constexpr int burst = 64;

[[noreturn]] void fail(const char* what) { throw std::system_error(errno, std::generic_category(), what); }

UniqueFd bound(int type) {
  UniqueFd fd(::socket(AF_INET, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!fd) fail("make a socket");
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(0x7f00000b); // 127.0.0.11
  if (::bind(fd.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) fail("bind to 127.0.0.11");
  return fd;
}

std::uint16_t port_of(const UniqueFd& fd) {
  sockaddr_in address{};
  socklen_t size = sizeof address;
  if (::getsockname(fd.get(), reinterpret_cast<sockaddr*>(&address), &size) != 0) fail("getsockname");
  return ntohs(address.sin_port);
}

} // namespace

struct Container::Client {
  UniqueFd fd;
  std::string incoming, outgoing;
  std::uint64_t timer = 0;
};

Container::Container(Loop& loop, Forwarder& forwarder, const Records& records, ContainerSettings settings, UniqueFd netns)
    : loop_(loop), forwarder_(forwarder), records_(records), settings_(std::move(settings)), netns_(std::move(netns)) {
  in_namespace(netns_.get(), [this] { open_sockets(); });
  loop_.add(udp_.get(), EPOLLIN, [this](std::uint32_t) { on_datagrams(); });
  loop_.add(tcp_.get(), EPOLLIN, [this](std::uint32_t) { on_connection(); });
}

Container::~Container() {
  *alive_ = false;
  for (const auto* fd : {&udp_, &tcp_})
    if (*fd) loop_.remove(fd->get());
  for (auto& [fd, client] : clients_) {
    loop_.cancel(client->timer);
    loop_.remove(fd);
  }
}

void Container::open_sockets() {
  udp_ = bound(SOCK_DGRAM);
  tcp_ = bound(SOCK_STREAM);
  if (::listen(tcp_.get(), 32) != 0) fail("listen");
  redirect_questions(port_of(udp_), port_of(tcp_));
}

Route Container::route(bool tcp) const {
  Route route{settings_.servers, netns_.get(), tcp};
  if (!records_.reaches_outside(settings_.id)) route.servers.clear();
  return route;
}

void Container::on_datagrams() {
  char buffer[4096];
  for (int i = 0; i < burst; ++i) {
    sockaddr_in from{};
    socklen_t size = sizeof from;
    const ssize_t n = ::recvfrom(udp_.get(), buffer, sizeof buffer, 0, reinterpret_cast<sockaddr*>(&from), &size);
    if (n < 0) return;
    std::string question(buffer, static_cast<std::size_t>(n));
    Answer answer = answer_locally(question, records_, settings_.id, settings_.ndots, false);
    const auto send = [this, from](const std::string& wire) {
      if (!wire.empty())
        ::sendto(udp_.get(), wire.data(), wire.size(), MSG_NOSIGNAL, reinterpret_cast<const sockaddr*>(&from), sizeof from);
    };
    if (answer.verdict == Verdict::answer) {
      send(answer.wire);
    } else if (answer.verdict == Verdict::forward) {
      forwarder_.ask(std::move(question), route(false), [alive = alive_, send](const std::string& wire) {
        if (*alive) send(wire);
      });
    }
  }
}

void Container::on_connection() {
  UniqueFd fd(::accept4(tcp_.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
  if (!fd || clients_.size() >= max_clients) return;
  auto client = std::make_shared<Client>();
  const int number = fd.get();
  client->fd = std::move(fd);
  client->timer = loop_.after(idle, [this, number] { drop(number); });
  clients_[number] = client;
  loop_.add(number, EPOLLIN, [this, client](std::uint32_t events) { on_bytes(client, events); });
}

void Container::on_bytes(const std::shared_ptr<Client>& client, std::uint32_t events) {
  if ((events & EPOLLOUT) != 0) write(client, "");
  if ((events & (EPOLLIN | EPOLLHUP | EPOLLERR)) == 0) return;
  char buffer[4096];
  const ssize_t n = ::recv(client->fd.get(), buffer, sizeof buffer, 0);
  if (n < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (n <= 0) return drop(client->fd.get());
  client->incoming.append(buffer, static_cast<std::size_t>(n));
  while (client->incoming.size() >= 2) {
    const std::size_t size =
        static_cast<unsigned char>(client->incoming[0]) * 256U + static_cast<unsigned char>(client->incoming[1]);
    if (client->incoming.size() < size + 2) return;
    std::string question = client->incoming.substr(2, size);
    client->incoming.erase(0, size + 2);
    Answer answer = answer_locally(question, records_, settings_.id, settings_.ndots, true);
    if (answer.verdict == Verdict::answer) write(client, answer.wire);
    if (answer.verdict == Verdict::drop) return drop(client->fd.get());
    if (answer.verdict != Verdict::forward) continue;
    forwarder_.ask(std::move(question), route(true), [this, alive = alive_, client](const std::string& wire) {
      if (*alive && client->fd) write(client, wire);
    });
  }
}

void Container::write(const std::shared_ptr<Client>& client, const std::string& answer) {
  if (!answer.empty()) {
    const auto size = htons(static_cast<std::uint16_t>(answer.size()));
    client->outgoing.append(reinterpret_cast<const char*>(&size), 2);
    client->outgoing += answer;
  }
  const ssize_t n = ::send(client->fd.get(), client->outgoing.data(), client->outgoing.size(), MSG_NOSIGNAL);
  if (n > 0) client->outgoing.erase(0, static_cast<std::size_t>(n));
  if (n < 0 && errno != EAGAIN) return drop(client->fd.get());
  loop_.change(client->fd.get(), client->outgoing.empty() ? EPOLLIN : EPOLLIN | EPOLLOUT);
}

void Container::drop(int fd) {
  const auto found = clients_.find(fd);
  if (found == clients_.end()) return;
  loop_.cancel(found->second->timer);
  loop_.remove(fd);
  found->second->fd.reset();
  clients_.erase(found);
}

} // namespace gantry::dns
