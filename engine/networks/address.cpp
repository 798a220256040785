#include "networks/address.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>

namespace gantry::networks {

std::optional<Address> Address::parse(const std::string& text) {
  Address address;
  if (::inet_pton(AF_INET, text.c_str(), address.bytes_.data()) == 1) return address;
  address.ipv6_ = true;
  if (::inet_pton(AF_INET6, text.c_str(), address.bytes_.data()) == 1) return address;
  return std::nullopt;
}

std::string Address::text() const {
  char buffer[INET6_ADDRSTRLEN] = {};
  ::inet_ntop(ipv6_ ? AF_INET6 : AF_INET, bytes_.data(), buffer, sizeof buffer);
  return buffer;
}

Address Address::from_bytes(const std::array<std::uint8_t, 16>& bytes, bool ipv6) {
  Address address;
  address.ipv6_ = ipv6;
  std::copy_n(bytes.begin(), ipv6 ? 16 : 4, address.bytes_.begin());
  return address;
}

Address Address::plus(std::uint64_t offset) const {
  Address sum = *this;
  for (std::size_t i = bits() / 8; i-- > 0 && offset != 0;) {
    offset += sum.bytes_[i];
    sum.bytes_[i] = static_cast<std::uint8_t>(offset);
    offset >>= 8;
  }
  return sum;
}

Address Address::masked(unsigned length) const {
  Address result = *this;
  for (unsigned i = 0; i < bits() / 8; ++i) {
    const unsigned keep = length <= i * 8 ? 0 : std::min(8U, length - i * 8);
    result.bytes_[i] &= static_cast<std::uint8_t>(0xff00U >> keep);
  }
  return result;
}

Address Address::filled(unsigned length) const {
  Address result = *this;
  for (unsigned i = 0; i < bits() / 8; ++i) {
    const unsigned keep = length <= i * 8 ? 0 : std::min(8U, length - i * 8);
    result.bytes_[i] |= static_cast<std::uint8_t>(0xffU >> keep);
  }
  return result;
}

std::optional<Prefix> Prefix::parse(const std::string& text) {
  const std::size_t slash = text.find('/');
  if (slash == std::string::npos) return std::nullopt;
  const auto address = Address::parse(text.substr(0, slash));
  unsigned length = 0;
  const char* end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data() + slash + 1, end, length);
  if (!address || error != std::errc() || rest != end || slash + 1 == text.size() || length > address->bits())
    return std::nullopt;
  return Prefix{*address, length};
}

bool Prefix::contains(const Address& other) const {
  return other.is_ipv6() == address.is_ipv6() && other.masked(length) == first();
}

bool Prefix::overlaps(const Prefix& other) const { return contains(other.first()) || other.contains(first()); }

} // namespace gantry::networks
