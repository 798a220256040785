#include "net-common/ip_address.hpp"

#include <arpa/inet.h>

#include <charconv>
#include <cstdio>

#include "net-common/error.hpp"

namespace gantry::net {

std::size_t IpAddress::size() const { return family == AF_INET6 ? 16 : 4; }

std::string IpAddress::text() const {
  char buffer[INET6_ADDRSTRLEN] = {};
  ::inet_ntop(family, bytes, buffer, sizeof buffer);
  return buffer;
}

IpAddress parse_ip(const std::string& text) {
  IpAddress address;
  const std::size_t slash = text.find('/');
  const std::string ip = text.substr(0, slash);
  if (::inet_pton(AF_INET, ip.c_str(), address.bytes) == 1) {
    address.family = AF_INET;
  } else if (::inet_pton(AF_INET6, ip.c_str(), address.bytes) == 1) {
    address.family = AF_INET6;
  } else {
    throw Error(Code::invalid, "\"" + text + "\" is not an IP address");
  }
  address.prefix = static_cast<unsigned>(address.size() * 8);
  if (slash == std::string::npos) return address;
  unsigned length = 0;
  const char* end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data() + slash + 1, end, length);
  if (error != std::errc() || rest != end || length > address.prefix)
    throw Error(Code::invalid, "\"" + text + "\" is not ADDRESS/LENGTH");
  address.prefix = length;
  return address;
}

std::string network_of(const IpAddress& address) {
  IpAddress network = address;
  for (unsigned i = 0; i < network.size(); ++i) {
    const unsigned keep = address.prefix <= i * 8 ? 0 : address.prefix - i * 8;
    if (keep < 8) network.bytes[i] &= static_cast<unsigned char>(0xff00U >> keep);
  }
  return network.text() + "/" + std::to_string(address.prefix);
}

void parse_mac(const std::string& text, unsigned char (&bytes)[6]) {
  char rest = 0;
  const int found = std::sscanf(text.c_str(), "%2hhx:%2hhx:%2hhx:%2hhx:%2hhx:%2hhx%c", &bytes[0], &bytes[1], &bytes[2], &bytes[3],
                                &bytes[4], &bytes[5], &rest);
  if (found != 6) throw Error(Code::invalid, "\"" + text + "\" is not a MAC address");
}

std::string local_mac(const unsigned char* bytes) {
  char text[18];
  std::snprintf(text, sizeof text, "02:42:%02x:%02x:%02x:%02x", bytes[0], bytes[1], bytes[2], bytes[3]);
  return text;
}

} // namespace gantry::net
