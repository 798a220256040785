#include "networks/address.hpp"

#include <gtest/gtest.h>

namespace gantry::networks {
namespace {

Address address(const char* text) { return Address::parse(text).value(); }
Prefix prefix(const char* text) { return Prefix::parse(text).value(); }

TEST(Addresses, are_read_in_the_usual_forms_only) {
  EXPECT_EQ(address("10.0.0.1").text(), "10.0.0.1");
  EXPECT_EQ(address("FD00::0:1").text(), "fd00::1");
  for (const char* text : {"", "10.0.0", "10.0.0.256", "10.0.0.1/8", "::g", " 10.0.0.1"})
    EXPECT_FALSE(Address::parse(text)) << text;
}

TEST(Addresses, count_across_bytes) {
  EXPECT_EQ(address("10.0.0.255").plus(1).text(), "10.0.1.0");
  EXPECT_EQ(address("fd00::ffff").plus(2).text(), "fd00::1:1");
  EXPECT_EQ(address("10.0.0.0").plus(65537).text(), "10.1.0.1");
}

TEST(Prefixes, are_read_with_their_length) {
  for (const char* text : {"10.0.0.0", "10.0.0.0/", "10.0.0.0/33", "fd00::/129", "/8", "10.0.0.0/8x"})
    EXPECT_FALSE(Prefix::parse(text)) << text;
  EXPECT_FALSE(prefix("10.0.0.1/8").is_network());
  EXPECT_EQ(prefix("10.1.2.3/12").network().text(), "10.0.0.0/12");
  EXPECT_EQ(prefix("10.1.2.3/12").last().text(), "10.15.255.255");
  EXPECT_EQ(prefix("fd00::1/64").first().text(), "fd00::");
}

TEST(Prefixes, contain_and_overlap) {
  EXPECT_TRUE(prefix("172.16.0.0/12").contains(address("172.31.0.1")));
  EXPECT_FALSE(prefix("172.16.0.0/12").contains(address("172.32.0.1")));
  EXPECT_FALSE(prefix("0.0.0.0/0").contains(address("::1")));
  EXPECT_TRUE(prefix("172.17.0.0/16").overlaps(prefix("172.17.4.0/24")));
  EXPECT_TRUE(prefix("172.17.4.0/24").overlaps(prefix("172.17.0.0/16")));
  EXPECT_FALSE(prefix("172.17.0.0/16").overlaps(prefix("172.18.0.0/16")));
}

} // namespace
} // namespace gantry::networks
