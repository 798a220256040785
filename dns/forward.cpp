#include "dns/forward.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "dns/answer.hpp"
#include "dns/netns.hpp"

namespace gantry::dns {

namespace {

constexpr std::size_t max_running = 1024, max_servers = 3;
constexpr std::chrono::milliseconds patience{4000};
constexpr unsigned servfail = 2, refused = 5;

struct ServerAddress {
  sockaddr_storage storage{};
  socklen_t size = 0;
};

ServerAddress server_address(const std::string& text) {
  ServerAddress address;
  auto& v4 = reinterpret_cast<sockaddr_in&>(address.storage);
  auto& v6 = reinterpret_cast<sockaddr_in6&>(address.storage);
  if (::inet_pton(AF_INET, text.c_str(), &v4.sin_addr) == 1) {
    v4.sin_family = AF_INET;
    v4.sin_port = htons(53);
    address.size = sizeof v4;
  } else if (::inet_pton(AF_INET6, text.c_str(), &v6.sin6_addr) == 1) {
    v6.sin6_family = AF_INET6;
    v6.sin6_port = htons(53);
    address.size = sizeof v6;
  }
  return address;
}

} // namespace

struct Forwarder::Query {
  std::string question;
  std::vector<Upstream> servers;
  UniqueFd netns;
  bool tcp = false;
  Done done;
  std::size_t next = 0;
  UniqueFd socket;
  std::uint64_t timer = 0;
  std::string outgoing, incoming; ///< TCP only
  std::string last;               ///< an answer that another server may better
};

void Forwarder::ask(std::string question, const Route& route, Done done) {
  if (running_ >= max_running) return done(failure(question, refused));
  auto query = std::make_shared<Query>();
  query->question = std::move(question);
  query->servers = route.servers;
  if (query->servers.size() > max_servers) query->servers.resize(max_servers);
  query->netns.reset(::dup(route.netns));
  query->tcp = route.tcp;
  query->done = std::move(done);
  ++running_;
  next_server(query);
}

UniqueFd Forwarder::connect(const Query& query, const Upstream& server) const {
  const ServerAddress address = server_address(server.address);
  UniqueFd fd;
  if (address.size == 0) return fd;
  const int type = (query.tcp ? SOCK_STREAM : SOCK_DGRAM) | SOCK_CLOEXEC | SOCK_NONBLOCK;
  const auto open = [&] {
    fd.reset(::socket(address.storage.ss_family, type, 0));
    if (!fd) return;
    const int result = ::connect(fd.get(), reinterpret_cast<const sockaddr*>(&address.storage), address.size);
    if (result != 0 && errno != EINPROGRESS) fd.reset();
  };
  server.host ? open() : in_namespace(query.netns.get(), open);
  return fd;
}

void Forwarder::next_server(const QueryPtr& query) {
  while (query->next < query->servers.size()) {
    const Upstream& server = query->servers[query->next++];
    try {
      query->socket = connect(*query, server);
    } catch (const std::exception&) {
      break; // the container has gone
    }
    if (!query->socket) continue;
    if (!query->tcp && ::send(query->socket.get(), query->question.data(), query->question.size(), MSG_NOSIGNAL) < 0) continue;
    if (query->tcp) {
      const auto size = htons(static_cast<std::uint16_t>(query->question.size()));
      query->outgoing.assign(reinterpret_cast<const char*>(&size), 2);
      query->outgoing += query->question;
      query->incoming.clear();
    }
    loop_.add(query->socket.get(), query->tcp ? EPOLLOUT : EPOLLIN,
              [this, query](std::uint32_t events) { on_event(query, events); });
    query->timer = loop_.after(patience, [this, query] {
      close(*query);
      next_server(query);
    });
    return;
  }
  finish(query, query->last.empty() ? failure(query->question, servfail) : query->last);
}

void Forwarder::on_event(const QueryPtr& query, std::uint32_t events) {
  char buffer[65536];
  if (!query->outgoing.empty() && (events & EPOLLOUT) != 0) {
    const ssize_t n = ::send(query->socket.get(), query->outgoing.data(), query->outgoing.size(), MSG_NOSIGNAL);
    if (n > 0) query->outgoing.erase(0, static_cast<std::size_t>(n));
    if (n < 0 && errno != EAGAIN) return on_answer(query, "");
    if (query->outgoing.empty()) loop_.change(query->socket.get(), EPOLLIN);
    return;
  }
  const ssize_t n = ::recv(query->socket.get(), buffer, sizeof buffer, 0);
  if (n < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (n <= 0) return on_answer(query, "");
  if (!query->tcp) return on_answer(query, {buffer, static_cast<std::size_t>(n)});
  query->incoming.append(buffer, static_cast<std::size_t>(n));
  if (query->incoming.size() < 2) return;
  const std::size_t size = static_cast<unsigned char>(query->incoming[0]) * 256U + static_cast<unsigned char>(query->incoming[1]);
  if (query->incoming.size() >= size + 2) on_answer(query, query->incoming.substr(2, size));
}

void Forwarder::on_answer(const QueryPtr& query, std::string answer) {
  const auto rcode = answer.empty() ? std::nullopt : rcode_of(answer, query->question);
  // A datagram that answers another question is not this server's last word.
  if (!rcode && !answer.empty() && !query->tcp) return;
  close(*query);
  if (rcode && *rcode != servfail && *rcode != refused) return finish(query, std::move(answer));
  if (rcode) query->last = std::move(answer);
  next_server(query);
}

void Forwarder::finish(const QueryPtr& query, std::string answer) {
  close(*query);
  --running_;
  query->done(answer);
}

void Forwarder::close(Query& query) {
  loop_.cancel(query.timer);
  if (query.socket) loop_.remove(query.socket.get());
  query.socket.reset();
}

} // namespace gantry::dns
