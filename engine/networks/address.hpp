#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>

namespace gantry::networks {

/// An IPv4 or IPv6 address; IPv4 sorts before IPv6.
class Address {
 public:
  Address() = default;
  /// Nothing when `text` is no address in the usual form.
  static std::optional<Address> parse(const std::string& text);

  bool is_ipv6() const { return ipv6_; }
  unsigned bits() const { return ipv6_ ? 128 : 32; }
  std::string text() const;
  /// Network byte order; 4 or 16 of them count.
  const std::array<std::uint8_t, 16>& bytes() const { return bytes_; }
  static Address from_bytes(const std::array<std::uint8_t, 16>& bytes, bool ipv6);

  /// `offset` addresses further on; wraps around.
  Address plus(std::uint64_t offset) const;
  /// With all bits behind the first `length` zero, or one.
  Address masked(unsigned length) const;
  Address filled(unsigned length) const;

  auto operator<=>(const Address&) const = default;

 private:
  bool ipv6_ = false;
  std::array<std::uint8_t, 16> bytes_{};
};

/// "172.17.0.0/16"
struct Prefix {
  Address address; ///< may have host bits: "172.17.0.1/16"
  unsigned length = 0;

  /// Nothing when `text` is not ADDRESS/LENGTH.
  static std::optional<Prefix> parse(const std::string& text);
  std::string text() const { return address.text() + "/" + std::to_string(length); }
  Address first() const { return address.masked(length); }
  Address last() const { return address.filled(length); }
  Prefix network() const { return {first(), length}; }
  bool is_network() const { return address == first(); }
  bool contains(const Address&) const;
  bool overlaps(const Prefix&) const;
};

} // namespace gantry::networks
