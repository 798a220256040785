#pragma once

#include <netinet/in.h>

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <tuple>

namespace gantry::relay {

/// Where a connection goes on: a container's port, by IPv4 or IPv6.
struct Target {
  sockaddr_storage address{};
  socklen_t size = 0;
  const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&address); }
  bool operator==(const Target&) const;
};

/// `count` ports of the host from `port` on, at one of its IPv6 addresses or all ("::"), which lead to as many of a container
/// from `inner` on.
struct Route {
  bool udp = false;
  std::string host;
  std::uint16_t port = 0;
  std::uint32_t count = 1;
  std::string address; ///< the container's
  std::uint16_t inner = 0;
};

/// What leads where.
class Routes {
 public:
  /// Replaces the one that begins at the same port. Throws std::runtime_error for what is no address or no port.
  void add(const Route&);
  void remove(const Route&);
  bool empty() const { return ranges_.empty(); }
  /// A route of that very address comes before one of all.
  std::optional<Target> find(bool udp, const in6_addr& host, std::uint16_t port) const;

 private:
  using Bytes = std::array<std::uint8_t, 16>;
  using Key = std::tuple<bool, Bytes, std::uint16_t>;
  struct Range {
    std::uint32_t count = 0;
    Target first;
  };
  static Key key_of(const Route&);
  std::optional<Target> find_at(const Key&) const;

  std::map<Key, Range> ranges_;
};

} // namespace gantry::relay
