#include "networks/ipam.hpp"

#include <gtest/gtest.h>

#include "base/error.hpp"

namespace gantry::networks {
namespace {

std::vector<Prefix> prefixes(const std::vector<std::string>& texts) {
  std::vector<Prefix> result;
  for (const auto& text : texts) result.push_back(Prefix::parse(text).value());
  return result;
}

TEST(DefaultPools, are_dockers_and_then_many_more) {
  std::vector<Prefix> taken;
  std::vector<std::string> chosen;
  for (int i = 0; i < 500; ++i) {
    taken.push_back(choose_ipv4_subnet(default_pools(), taken));
    chosen.push_back(taken.back().text());
  }
  EXPECT_EQ(chosen[0], "172.17.0.0/16");
  EXPECT_EQ(chosen[14], "172.31.0.0/16");
  EXPECT_EQ(chosen[15], "192.168.0.0/20");
  EXPECT_EQ(chosen[31], "10.192.0.0/24");
}

TEST(DefaultPools, leave_out_what_is_taken) {
  EXPECT_EQ(choose_ipv4_subnet(default_pools(), prefixes({"172.17.9.0/24", "172.18.0.0/15"})).text(), "172.20.0.0/16");
}

TEST(DefaultPools, end) {
  try {
    choose_ipv4_subnet({{"10.0.0.0/30", 30}}, prefixes({"10.0.0.0/8"}));
    FAIL();
  } catch (const Error& e) {
    EXPECT_STREQ(e.what(),
                 "could not find an available, non-overlapping IPv4 address pool among the defaults to assign to the network");
  }
}

TEST(Ipv6Subnets, are_random_and_unique_local) {
  const auto one = choose_ipv6_subnet({}), other = choose_ipv6_subnet({});
  EXPECT_TRUE(Prefix::parse("fd00::/8")->contains(one.address));
  EXPECT_NE(one.text(), other.text());
}

TEST(Addresses, are_given_from_the_lowest_on_and_again) {
  AddressPool pool({"10.0.0.0/29", "", "10.0.0.1", {{"router", "10.0.0.3"}}});
  EXPECT_EQ(pool.take()->text(), "10.0.0.2");
  EXPECT_EQ(pool.take()->text(), "10.0.0.4");
  pool.release(*Address::parse("10.0.0.2"));
  EXPECT_EQ(pool.take()->text(), "10.0.0.2");
  EXPECT_EQ(pool.take()->text(), "10.0.0.5");
  EXPECT_EQ(pool.take()->text(), "10.0.0.6");
  EXPECT_FALSE(pool.take()) << "the last one is for broadcasts";
  EXPECT_FALSE(pool.take(*Address::parse("10.0.0.1")));
}

TEST(Addresses, come_from_the_range) {
  AddressPool pool({"10.0.0.0/24", "10.0.0.128/30", "10.0.0.1", {}});
  EXPECT_EQ(pool.take()->text(), "10.0.0.128");
  EXPECT_TRUE(pool.take(*Address::parse("10.0.0.9"))) << "a fixed one may be outside of it";
}

struct BadPool {
  IpamPool pool;
  const char* what;
};

TEST(Pools, are_refused_with_what_is_wrong) {
  const std::vector<BadPool> rows{
      {{"10.0.0.1/24", "", "", {}}, "invalid subnet 10.0.0.1/24: it should be 10.0.0.0/24"},
      {{"10.0.0/24", "", "", {}}, "invalid subnet 10.0.0/24"},
      {{"10.0.0.0/24", "10.0.1.0/25", "", {}},
       "invalid ip-range 10.0.1.0/25: parent subnet 10.0.0.0/24 doesn't contain ip-range"},
      {{"10.0.0.0/24", "10.0.0.0/16", "", {}}, "CIDR block is bigger than its parent subnet"},
      {{"10.0.0.0/24", "", "10.0.1.1", {}}, "invalid gateway 10.0.1.1: parent subnet 10.0.0.0/24 doesn't contain this address"},
      {{"10.0.0.0/24", "", "", {{"a", "x"}}}, "invalid auxiliary address a: invalid address"},
      {{"fd00::/64", "", "10.0.0.1", {}}, "invalid gateway 10.0.0.1: parent subnet is an IPv6 block"},
      {{"", "", "", {}}, "invalid network config:\ninvalid subnet : invalid CIDR block notation"},
      {{"10.0.0.1/24", "", "x", {}},
       "invalid network config:\n* invalid subnet 10.0.0.1/24: it should be 10.0.0.0/24\n* invalid gateway x: invalid address"},
  };
  for (const auto& row : rows) {
    IpamPool pool = row.pool;
    try {
      complete_pool(pool);
      ADD_FAILURE() << row.what;
    } catch (const Error& e) {
      EXPECT_EQ(e.code(), Code::invalid);
      EXPECT_NE(std::string(e.what()).find(row.what), std::string::npos) << e.what();
    }
  }
}

TEST(Pools, get_the_first_address_as_gateway) {
  IpamPool pool{"fd00:1::/64", "", "", {}};
  complete_pool(pool);
  EXPECT_EQ(pool.gateway, "fd00:1::1");
}

} // namespace
} // namespace gantry::networks
