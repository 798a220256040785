#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace gantry::net {

/// An address with the length of its network's prefix, as the kernel takes it.
struct IpAddress {
  int family = 0;            ///< AF_INET or AF_INET6
  unsigned char bytes[16]{}; ///< network byte order; size() of them count
  unsigned prefix = 0;

  std::size_t size() const;
  std::string text() const;
  bool operator==(const IpAddress&) const = default;
};

/// "172.17.0.2/16", or "172.17.0.2" (then the prefix is the whole address); invalid otherwise.
IpAddress parse_ip(const std::string& text);

/// "172.17.0.0/16" of "172.17.0.2/16"
std::string network_of(const IpAddress&);

/// "02:42:ac:11:00:02" as six bytes; invalid otherwise.
void parse_mac(const std::string& text, unsigned char (&bytes)[6]);

/// "02:42:" and the four bytes: one that no maker of hardware has given away.
std::string local_mac(const unsigned char* bytes);

} // namespace gantry::net
