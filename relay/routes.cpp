#include "relay/routes.hpp"

#include <arpa/inet.h>

#include <cstring>
#include <stdexcept>

namespace gantry::relay {

namespace {

/// Of both families.
std::uint16_t& port_of(sockaddr_storage& address) { return reinterpret_cast<sockaddr_in&>(address).sin_port; }

Target target_from(const std::string& text, std::uint16_t port) {
  Target target;
  auto& ipv4 = reinterpret_cast<sockaddr_in&>(target.address);
  auto& ipv6 = reinterpret_cast<sockaddr_in6&>(target.address);
  if (::inet_pton(AF_INET, text.c_str(), &ipv4.sin_addr) == 1) {
    ipv4.sin_family = AF_INET;
    target.size = sizeof ipv4;
  } else if (::inet_pton(AF_INET6, text.c_str(), &ipv6.sin6_addr) == 1) {
    ipv6.sin6_family = AF_INET6;
    target.size = sizeof ipv6;
  } else {
    throw std::runtime_error("no IP address: " + text);
  }
  port_of(target.address) = htons(port);
  return target;
}

} // namespace

bool Target::operator==(const Target& other) const {
  return size == other.size && std::memcmp(&address, &other.address, size) == 0;
}

Routes::Key Routes::key_of(const Route& route) {
  Bytes host{};
  if (::inet_pton(AF_INET6, route.host.c_str(), host.data()) != 1) throw std::runtime_error("no IPv6 address: " + route.host);
  return {route.udp, host, route.port};
}

void Routes::add(const Route& route) {
  if (route.port == 0 || route.inner == 0 || route.count == 0 || route.port + route.count > 65536 ||
      route.inner + route.count > 65536)
    throw std::runtime_error("no such ports");
  Range range{route.count, target_from(route.address, route.inner)};
  ranges_[key_of(route)] = std::move(range);
}

void Routes::remove(const Route& route) { ranges_.erase(key_of(route)); }

std::optional<Target> Routes::find_at(const Key& key) const {
  auto at = ranges_.upper_bound(key);
  if (at == ranges_.begin()) return std::nullopt;
  --at;
  const auto& [udp, host, first] = at->first;
  const unsigned offset = std::get<2>(key) - first;
  if (udp != std::get<0>(key) || host != std::get<1>(key) || offset >= at->second.count) return std::nullopt;
  Target target = at->second.first;
  std::uint16_t& port = port_of(target.address);
  port = htons(static_cast<std::uint16_t>(ntohs(port) + offset));
  return target;
}

std::optional<Target> Routes::find(bool udp, const in6_addr& host, std::uint16_t port) const {
  Key key{udp, {}, port};
  std::memcpy(std::get<1>(key).data(), &host, sizeof host);
  if (auto target = find_at(key)) return target;
  std::get<1>(key) = {};
  return find_at(key);
}

} // namespace gantry::relay
