#include "relay/shares.hpp"

#include <arpa/inet.h>
#include <gtest/gtest.h>

namespace gantry::relay {
namespace {

Target at(const char* address, std::uint16_t port) {
  Target target;
  auto& ipv4 = reinterpret_cast<sockaddr_in&>(target.address);
  ipv4.sin_family = AF_INET;
  ipv4.sin_port = htons(port);
  EXPECT_EQ(::inet_pton(AF_INET, address, &ipv4.sin_addr), 1);
  target.size = sizeof ipv4;
  return target;
}

TEST(Shares, a_container_gets_a_quarter_whatever_the_port) {
  Shares shares(8);
  shares.add(at("10.0.0.2", 80));
  EXPECT_FALSE(shares.is_full(at("10.0.0.2", 80)));
  shares.add(at("10.0.0.2", 81));
  EXPECT_TRUE(shares.is_full(at("10.0.0.2", 82)));
  EXPECT_FALSE(shares.is_full(at("10.0.0.3", 80)));
  shares.remove(at("10.0.0.2", 80));
  EXPECT_FALSE(shares.is_full(at("10.0.0.2", 80)));
}

} // namespace
} // namespace gantry::relay
