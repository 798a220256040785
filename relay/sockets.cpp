#include "relay/sockets.hpp"

#include <grp.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/udp.h>
#include <sys/prctl.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <iterator>
#include <random>
#include <system_error>

namespace gantry::relay {

namespace {

constexpr int backlog = 4096;

[[noreturn]] void fail(const char* what) { throw std::system_error(errno, std::generic_category(), what); }

UniqueFd make(int type, int protocol) {
  UniqueFd fd(::socket(AF_INET6, type | SOCK_NONBLOCK | SOCK_CLOEXEC, protocol));
  if (!fd) fail("make a socket");
  return fd;
}

void set(const UniqueFd& fd, int level, int option, int value) {
  if (::setsockopt(fd.get(), level, option, &value, sizeof value) != 0) fail("set an option of a socket");
}

bool bind_to(const UniqueFd& fd, const in6_addr& address, std::uint16_t port) {
  sockaddr_in6 place{};
  place.sin6_family = AF_INET6;
  place.sin6_addr = address;
  place.sin6_port = htons(port);
  return ::bind(fd.get(), reinterpret_cast<const sockaddr*>(&place), sizeof place) == 0;
}

std::uint16_t port_of(const UniqueFd& fd) {
  sockaddr_in6 place{};
  socklen_t size = sizeof place;
  if (::getsockname(fd.get(), reinterpret_cast<sockaddr*>(&place), &size) != 0) fail("look at a socket");
  return ntohs(place.sin6_port);
}

/// Somebody else's by name, whether or not the host has a list of names.
bool is_of_a_service(std::uint16_t port) {
  static constexpr std::uint16_t usual[] = {631, 636, 646, 853, 860, 873, 989, 990, 992, 993, 994, 995};
  return std::find(std::begin(usual), std::end(usual), port) != std::end(usual) ||
         ::getservbyport(htons(port), nullptr) != nullptr;
}

/// One that hardly anybody publishes, and that the kernel gives to no client: it is not in ip_local_port_range. Programs that
/// connect from a privileged port (NFS) look for one that is free.
std::uint16_t likely_port() {
  static std::minstd_rand numbers(std::random_device{}());
  std::uint16_t port = 0;
  do {
    port = static_cast<std::uint16_t>(std::uniform_int_distribution<unsigned>(600, 1023)(numbers));
  } while (is_of_a_service(port));
  return port;
}

UniqueFd make_tcp(std::uint16_t port) {
  UniqueFd fd = make(SOCK_STREAM, 0);
  set(fd, SOL_IPV6, IPV6_TRANSPARENT, 1);
  // Connections of ours are not in the way of who keeps the published port from others (see PortHolder).
  set(fd, SOL_SOCKET, SO_REUSEADDR, 1);
  set(fd, SOL_IPV6, IPV6_V6ONLY, 1);
  if (!bind_to(fd, in6addr_any, port) || ::listen(fd.get(), backlog) != 0) fd.reset();
  return fd;
}

UniqueFd make_udp(std::uint16_t port) {
  UniqueFd fd = make(SOCK_DGRAM, 0);
  set(fd, SOL_IPV6, IPV6_TRANSPARENT, 1);
  set(fd, SOL_IPV6, IPV6_RECVORIGDSTADDR, 1);
  set(fd, SOL_SOCKET, SO_RCVBUF, 4 << 20);
  if (!bind_to(fd, in6addr_loopback, port)) fd.reset();
  return fd;
}

/// The ports that answers come from are bound by others. At an address that nobody has (RFC 6666) nothing arrives.
UniqueFd make_answers() {
  UniqueFd fd = make(SOCK_RAW, IPPROTO_UDP);
  in6_addr discard{};
  discard.s6_addr[0] = 1;
  discard.s6_addr[15] = 1;
  set(fd, SOL_IPV6, IPV6_FREEBIND, 1);
  set(fd, SOL_IPV6, IPV6_TRANSPARENT, 1);
  set(fd, SOL_IPV6, IPV6_CHECKSUM, offsetof(udphdr, check));
  if (!bind_to(fd, discard, 0)) fail("bind a raw socket");
  return fd;
}

} // namespace

Sockets open_sockets() {
  Sockets sockets;
  sockets.answers = make_answers();
  // A number that is free for both.
  for (int tries = 0; !sockets.udp && tries < 100; ++tries) {
    sockets.tcp = make_tcp(tries < 50 ? likely_port() : 0);
    if (!sockets.tcp) continue;
    sockets.port = port_of(sockets.tcp);
    sockets.udp = make_udp(sockets.port);
  }
  if (!sockets.udp) fail("bind sockets of IPv6");
  return sockets;
}

void drop_privileges() {
  constexpr uid_t nobody = 65534;
  if (::setgroups(0, nullptr) != 0 || ::setresgid(nobody, nobody, nobody) != 0 || ::setresuid(nobody, nobody, nobody) != 0 ||
      ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
    fail("give privileges up");
}

} // namespace gantry::relay
