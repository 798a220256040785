#include "ports/holder.hpp"

#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "net-common/ip_address.hpp"

namespace gantry::net_bridge {

namespace {

struct SocketAddress {
  sockaddr_storage storage{};
  socklen_t size = 0;
};

SocketAddress address_of(const Port& port) {
  const net::IpAddress ip = net::parse_ip(port.host_ip);
  SocketAddress address;
  if (ip.family == AF_INET6) {
    auto& to = reinterpret_cast<sockaddr_in6&>(address.storage);
    to.sin6_family = AF_INET6;
    to.sin6_port = htons(port.host_port);
    std::memcpy(&to.sin6_addr, ip.bytes, 16);
    address.size = sizeof to;
  } else {
    auto& to = reinterpret_cast<sockaddr_in&>(address.storage);
    to.sin_family = AF_INET;
    to.sin_port = htons(port.host_port);
    std::memcpy(&to.sin_addr, ip.bytes, 4);
    address.size = sizeof to;
  }
  return address;
}

void set(int fd, int level, int option, int value) { ::setsockopt(fd, level, option, &value, sizeof value); }

int protocol_of(const Port& port) {
  return port.protocol == "udp" ? IPPROTO_UDP : port.protocol == "sctp" ? IPPROTO_SCTP : IPPROTO_TCP;
}

} // namespace

UniqueFd PortHolder::hold(const Port& port, int& error) const {
  error = 0;
  const SocketAddress address = address_of(port);
  const int type = port.protocol == "udp" ? SOCK_DGRAM : SOCK_STREAM;
  UniqueFd fd(::socket(address.storage.ss_family, type | SOCK_CLOEXEC, protocol_of(port)));
  if (!fd) {
    if (errno != EPROTONOSUPPORT && errno != EAFNOSUPPORT && errno != ESOCKTNOSUPPORT) error = errno;
    return fd;
  }
  if (address.storage.ss_family == AF_INET6) set(fd.get(), IPPROTO_IPV6, IPV6_V6ONLY, 1);
  // Connections that are waiting out their time (TIME_WAIT) are in nobody's way…
  if (type == SOCK_STREAM) set(fd.get(), SOL_SOCKET, SO_REUSEADDR, 1);
  if (type == SOCK_DGRAM) set(fd.get(), SOL_SOCKET, SO_RCVBUF, 0);
  if (::bind(fd.get(), reinterpret_cast<const sockaddr*>(&address.storage), address.size) != 0) {
    error = errno;
    fd.reset();
    return fd;
  }
  // …but this socket is in everybody's who wants to listen, whatever they set.
  if (type == SOCK_STREAM) set(fd.get(), SOL_SOCKET, SO_REUSEADDR, 0);
  return fd;
}

bool PortHolder::holds_one_of(const UniqueFd& fd, const std::vector<Port>& ports) const {
  sockaddr_storage mine{};
  socklen_t size = sizeof mine;
  int protocol = 0;
  socklen_t length = sizeof protocol;
  if (::getsockname(fd.get(), reinterpret_cast<sockaddr*>(&mine), &size) != 0 ||
      ::getsockopt(fd.get(), SOL_SOCKET, SO_PROTOCOL, &protocol, &length) != 0)
    return false;
  const std::uint16_t number = ntohs(reinterpret_cast<const sockaddr_in&>(mine).sin_port); // of both families
  return std::any_of(ports.begin(), ports.end(), [&](const Port& port) {
    if (port.host_port != number) return false;
    const SocketAddress address = address_of(port);
    if (protocol != protocol_of(port) || address.storage.ss_family != mine.ss_family) return false;
    if (mine.ss_family == AF_INET6) {
      const auto& a = reinterpret_cast<const sockaddr_in6&>(address.storage);
      const auto& b = reinterpret_cast<const sockaddr_in6&>(mine);
      return a.sin6_port == b.sin6_port && std::memcmp(&a.sin6_addr, &b.sin6_addr, 16) == 0;
    }
    const auto& a = reinterpret_cast<const sockaddr_in&>(address.storage);
    const auto& b = reinterpret_cast<const sockaddr_in&>(mine);
    return a.sin_port == b.sin_port && a.sin_addr.s_addr == b.sin_addr.s_addr;
  });
}

} // namespace gantry::net_bridge
