#include "log-common/connection.hpp"

#include <fcntl.h>
#include <linux/sockios.h>
#include <netdb.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/un.h>
#include <time.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <memory>
#include <vector>

#include <gantry/sdk/error.hpp>

namespace gantry::log_common {
namespace {

std::int64_t now_ns() {
  timespec now{};
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * std::int64_t{1'000'000'000} + now.tv_nsec;
}

Error away(const std::string& target, const char* step, int err) {
  return {Code::unavailable, target + ": " + step + ": " + std::strerror(err), err};
}

/// One address to try.
struct Address {
  sockaddr_storage storage{};
  socklen_t size = 0;
  int family = AF_UNIX, type = SOCK_STREAM;
};

Address unix_address(const std::string& path, int type, const std::string& target) {
  Address address;
  address.type = type;
  sockaddr_un name{};
  if (path.size() >= sizeof name.sun_path) throw away(target, "connect", ENAMETOOLONG);
  name.sun_family = AF_UNIX;
  std::memcpy(name.sun_path, path.data(), path.size());
  std::memcpy(&address.storage, &name, sizeof name);
  address.size = sizeof name;
  return address;
}

std::vector<Address> resolve(const Endpoint& endpoint) {
  if (endpoint.protocol == "unixgram") return {unix_address(endpoint.path, SOCK_DGRAM, endpoint.text())};
  // A syslog daemon's socket may be of either kind.
  if (endpoint.protocol == "unix")
    return {unix_address(endpoint.path, SOCK_STREAM, endpoint.text()), unix_address(endpoint.path, SOCK_DGRAM, endpoint.text())};
  addrinfo hints{};
  hints.ai_socktype = endpoint.protocol == "udp" ? SOCK_DGRAM : SOCK_STREAM;
  hints.ai_flags = AI_ADDRCONFIG;
  addrinfo* list = nullptr;
  const std::string host = endpoint.host.empty() ? "localhost" : endpoint.host;
  int code = ::getaddrinfo(host.c_str(), endpoint.port.c_str(), &hints, &list);
  if (code == EAI_NONAME || code == EAI_ADDRFAMILY) {
    hints.ai_flags = 0; // a machine with nothing but a loopback interface has no configured address
    code = ::getaddrinfo(host.c_str(), endpoint.port.c_str(), &hints, &list);
  }
  if (code != 0) throw Error(Code::unavailable, endpoint.text() + ": look up " + host + ": " + ::gai_strerror(code));
  const std::unique_ptr<addrinfo, void (*)(addrinfo*)> owner(list, &::freeaddrinfo);
  std::vector<Address> addresses;
  for (const addrinfo* each = list; each != nullptr; each = each->ai_next) {
    Address address;
    std::memcpy(&address.storage, each->ai_addr, each->ai_addrlen);
    address.size = each->ai_addrlen;
    address.family = each->ai_family;
    address.type = each->ai_socktype;
    addresses.push_back(address);
  }
  return addresses;
}

UniqueFd connect_to(const Patience& patience, const Address& address, const std::string& target) {
  UniqueFd fd(::socket(address.family, address.type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!fd) throw away(target, "make a socket", errno);
  if (::connect(fd.get(), reinterpret_cast<const sockaddr*>(&address.storage), address.size) == 0) return fd;
  if (errno != EINPROGRESS && errno != EAGAIN) throw away(target, "connect", errno);
  patience.wait_for(fd.get(), POLLOUT, target);
  int err = 0;
  socklen_t size = sizeof err;
  ::getsockopt(fd.get(), SOL_SOCKET, SO_ERROR, &err, &size);
  if (err != 0) throw away(target, "connect", err);
  return fd;
}

} // namespace

Patience::Patience(const Call& call, std::int64_t milliseconds)
    : call_(call), deadline_ns_(now_ns() + milliseconds * 1'000'000) {}

void Patience::wait_for(int fd, short events, const std::string& who) const {
  for (;;) {
    if (call_.cancelled()) throw Error(Code::cancelled, who + ": the delivery was cancelled");
    const std::int64_t left = (deadline_ns_ - now_ns()) / 1'000'000;
    if (left <= 0) throw Error(Code::unavailable, who + ": it does not answer");
    pollfd fds[] = {{fd, events, 0}, {call_.cancel_fd(), POLLIN, 0}};
    const int ready = ::poll(fds, 2, static_cast<int>(std::min<std::int64_t>(left, 1000)));
    if (ready > 0 && fds[0].revents != 0) return;
  }
}

Connection Connection::open(const Patience& patience, const Endpoint& endpoint) {
  const auto addresses = resolve(endpoint);
  for (std::size_t i = 0;; ++i) {
    try {
      return {connect_to(patience, addresses[i], endpoint.text()), endpoint.text(), endpoint.protocol == "tcp"};
    } catch (const Error& e) {
      if (i + 1 == addresses.size() || e.code() == Code::cancelled) throw;
    }
  }
}

bool Connection::is_stale() const {
  char byte = 0;
  const ssize_t n = ::recv(fd_.get(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
  return n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR);
}

void Connection::send(const Patience& patience, std::string_view bytes) const {
  while (!bytes.empty()) {
    const ssize_t n = ::send(fd_.get(), bytes.data(), bytes.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0 && errno != EAGAIN) throw away(target_, "send", errno);
    if (n < 0)
      patience.wait_for(fd_.get(), POLLOUT, target_);
    else
      bytes.remove_prefix(static_cast<std::size_t>(n));
  }
}

void Connection::send_datagram(const Patience& patience, std::string_view bytes) const {
  for (;;) {
    if (::send(fd_.get(), bytes.data(), bytes.size(), MSG_DONTWAIT | MSG_NOSIGNAL) >= 0) return;
    if (errno == EINTR) continue;
    if (errno == ENOBUFS) {
      timespec moment{0, 1'000'000};
      ::nanosleep(&moment, nullptr);
    } else if (errno != EAGAIN) {
      throw away(target_, "send", errno);
    }
    patience.wait_for(fd_.get(), POLLOUT, target_);
  }
}

/// What the kernel still holds is lost with the connection; what the other kernel has acknowledged is there.
void Connection::settle(const Patience& patience) const {
  for (std::int64_t pause_ns = 20'000; tcp_; pause_ns = std::min<std::int64_t>(pause_ns * 2, 20'000'000)) {
    int waiting = 0;
    if (::ioctl(fd_.get(), SIOCOUTQ, &waiting) != 0) throw away(target_, "send", errno);
    if (waiting == 0) break;
    patience.wait_for(fd_.get(), POLLOUT, target_);
    const timespec pause{0, pause_ns};
    ::nanosleep(&pause, nullptr);
    if (is_stale()) throw away(target_, "send", ECONNRESET);
  }
  if (is_stale()) throw away(target_, "send", ECONNRESET);
}

std::string Connection::receive(const Patience& patience) const {
  std::string bytes(4096, '\0');
  for (;;) {
    const ssize_t n = ::recv(fd_.get(), bytes.data(), bytes.size(), MSG_DONTWAIT);
    if (n >= 0) {
      bytes.resize(static_cast<std::size_t>(n));
      return bytes;
    }
    if (errno == EINTR) continue;
    if (errno != EAGAIN) throw away(target_, "receive", errno);
    patience.wait_for(fd_.get(), POLLIN, target_);
  }
}

} // namespace gantry::log_common
