#include "networks/egress.hpp"

#include <gtest/gtest.h>

#include "base/error.hpp"

namespace gantry::networks {
namespace {

TEST(Egress, destinations_are_written_in_one_way) {
  const std::pair<const char*, const char*> cases[] = {
      {"10.1.2.3/8", "10.0.0.0/8"},
      {"192.0.2.1", "192.0.2.1/32"},
      {"192.0.2.1:443", "192.0.2.1/32:443"},
      {"192.0.2.1:443-443/tcp", "192.0.2.1/32:443/tcp"},
      {"10.0.0.0/8:8000-8100/udp", "10.0.0.0/8:8000-8100/udp"},
      {"fd00::1", "[fd00::1/128]"},
      {"fd00::1/64", "[fd00::/64]"},
      {"[fd00::1/64]:53/udp", "[fd00::/64]:53/udp"},
      {"[fd00::1]:53", "[fd00::1/128]:53"},
      {"10.0.0.0/8/icmp", "10.0.0.0/8/icmp"},
      {"10.0.0.0/8,192.0.2.1:53", "10.0.0.0/8,192.0.2.1/32:53"},
      {"none", "none"},
      {"any", ""},
      {"", ""},
  };
  for (const auto& [given, expected] : cases) EXPECT_EQ(egress_text(std::string(given)), expected) << given;
  EXPECT_EQ(egress_text(std::vector<std::string>{}), "none");
}

TEST(Egress, what_is_no_destination_is_refused) {
  for (const char* bad :
       {"x", "10.0.0.0/33", "10.0.0.0/8:", "10.0.0.0/8:0", "10.0.0.0/8:70000", "10.0.0.0/8:5-4", "10.0.0.0/8/gre",
        "10.0.0.0/8:1/icmp", "[10.0.0.0/8]:1", "10.0.0.0/8,", "none,10.0.0.0/8", "10.0.0.0/8 ;", "[fd00::1", "/tcp"})
    EXPECT_THROW(egress_text(std::string(bad)), Error) << bad;
}

TEST(Egress, a_checked_policy_reads_the_same_again) {
  const std::string checked = egress_text(std::string("10.0.0.0/8:1-2/tcp,fd00::/8"));
  EXPECT_EQ(egress_text(checked), checked);
  EXPECT_EQ(egress_list(checked), (std::vector<std::string>{"10.0.0.0/8:1-2/tcp", "[fd00::/8]"}));
  EXPECT_TRUE(egress_list("none").empty());
}

} // namespace
} // namespace gantry::networks
