#include "networks/host_routes.hpp"

#include <bit>
#include <fstream>
#include <sstream>

namespace gantry::networks {
namespace {

/// "000A05AC": the bytes of an address as the machine reads them.
Address ipv4_of(std::uint32_t word) {
  std::array<std::uint8_t, 16> bytes{};
  for (unsigned i = 0; i < 4; ++i) bytes[i] = static_cast<std::uint8_t>(word >> (8 * i));
  return Address::from_bytes(bytes, false);
}

std::uint32_t hex(const std::string& text) {
  std::uint32_t value = 0;
  for (const char c : text) value = value * 16 + static_cast<std::uint32_t>(c <= '9' ? c - '0' : (c | 32) - 'a' + 10);
  return value;
}

void read_ipv4(std::vector<Prefix>& routes) {
  std::ifstream in("/proc/net/route");
  std::string line;
  std::getline(in, line);
  while (std::getline(in, line)) {
    std::istringstream words(line);
    std::string device, destination, gateway, flags, skip, mask;
    words >> device >> destination >> gateway >> flags >> skip >> skip >> skip >> mask;
    const auto length = static_cast<unsigned>(std::popcount(hex(mask)));
    if (length != 0) routes.push_back({ipv4_of(hex(destination)), length});
  }
}

void read_ipv6(std::vector<Prefix>& routes) {
  std::ifstream in("/proc/net/ipv6_route");
  for (std::string line; std::getline(in, line);) {
    std::istringstream words(line);
    std::string destination, length;
    words >> destination >> length;
    std::array<std::uint8_t, 16> bytes{};
    for (unsigned i = 0; i < 16 && destination.size() == 32; ++i)
      bytes[i] = static_cast<std::uint8_t>(hex(destination.substr(i * 2, 2)));
    if (hex(length) != 0) routes.push_back({Address::from_bytes(bytes, true), hex(length)});
  }
}

} // namespace

std::vector<Prefix> host_routes() {
  std::vector<Prefix> routes;
  read_ipv4(routes);
  read_ipv6(routes);
  return routes;
}

} // namespace gantry::networks
