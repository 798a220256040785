#include "ports/way.hpp"

#include <sys/socket.h>

#include <algorithm>
#include <cstring>

namespace gantry::net_bridge {

namespace {

const net::IpAddress* address_of(const PublishedTarget& target, int family) {
  const auto found = std::find_if(target.addresses.begin(), target.addresses.end(),
                                  [&](const net::IpAddress& address) { return address.family == family; });
  return found == target.addresses.end() ? nullptr : &*found;
}

} // namespace

bool is_any(const net::IpAddress& address) {
  static const unsigned char zero[16]{};
  return std::memcmp(address.bytes, zero, address.size()) == 0;
}

Way way_to(const PublishedTarget& target, const Port& port) {
  static const net::IpAddress loopback = net::parse_ip("::1");
  const net::IpAddress host = net::parse_ip(port.host_ip);
  const net::IpAddress *ipv4 = address_of(target, AF_INET), *ipv6 = address_of(target, AF_INET6);
  Way way;
  if (host.family == AF_INET) {
    way.direct = ipv4;
    return way;
  }
  if (host != loopback) way.direct = ipv6;
  if (port.protocol != "tcp" && port.protocol != "udp") return way;
  if (ipv6 == nullptr && ipv4 != nullptr && !target.routed4) way.relayed = {host, ipv4};
  if (ipv6 != nullptr && !target.routed6 && (host == loopback || is_any(host))) way.relayed = {loopback, ipv6};
  return way;
}

const Way& Ways::to(const Port& port) {
  for (const Known& known : known_)
    if (known.host_ip == port.host_ip && known.protocol == port.protocol) return known.way;
  return known_.emplace_back(Known{port.protocol, port.host_ip, way_to(target_, port)}).way;
}

} // namespace gantry::net_bridge
