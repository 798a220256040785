#include <gtest/gtest.h>

#include "firewall/elements.hpp"
#include "firewall/ruleset.hpp"
#include "ports/choose.hpp"

namespace gantry::net_bridge {
namespace {

Port port(const std::string& ip, std::uint16_t host_port, const std::string& protocol = "tcp") {
  Port p;
  p.protocol = protocol;
  p.host_ip = ip;
  p.host_port = host_port;
  p.container_port = 80;
  return p;
}

TEST(PortTable, knows_what_stands_in_the_way) {
  PortTable table;
  table.add(port("0.0.0.0", 80));
  table.add(port("127.0.0.1", 81));
  table.add(port("::", 82));
  EXPECT_TRUE(table.conflicts(port("127.0.0.1", 80)));
  EXPECT_TRUE(table.conflicts(port("0.0.0.0", 81)));
  EXPECT_FALSE(table.conflicts(port("127.0.0.2", 81)));
  EXPECT_FALSE(table.conflicts(port("0.0.0.0", 80, "udp")));
  EXPECT_FALSE(table.conflicts(port("0.0.0.0", 82))) << "the other family";
  EXPECT_TRUE(table.conflicts(port("::1", 82)));
}

TEST(Ports, that_cannot_be_published_are_refused) {
  const std::vector<net::IpAddress> ipv4{net::parse_ip("172.17.0.2/16")};
  EXPECT_NO_THROW(check_ports({port("0.0.0.0", 0)}, ipv4));
  EXPECT_THROW(check_ports({port("::", 0)}, ipv4), Error);
  EXPECT_THROW(check_ports({port("0.0.0.0", 0, "icmp")}, ipv4), Error);
  EXPECT_THROW(check_ports({port("nonsense", 0)}, ipv4), Error);
}

TEST(Elements, go_into_the_map_of_their_kind) {
  const PublishedTarget target{{net::parse_ip("172.17.0.2/16"), net::parse_ip("fd00::2/64")}, false, false};
  const Elements all = elements_of(target, {port("0.0.0.0", 8080), port("192.0.2.1", 8081), port("::", 8080)});
  ASSERT_EQ(all.size(), 3U);
  const std::string key("\x06\0\0\0\x1f\x90\0\0", 8), data("\xac\x11\0\x02\0\x50\0\0", 8);
  EXPECT_EQ(all.at({"any4", key}), data);
  EXPECT_TRUE(all.contains({"any6", key}));
  EXPECT_TRUE(all.contains({"host4", std::string("\xc0\0\x02\x01\x06\0\0\0\x1f\x91\0\0", 12)}));
}

TEST(Elements, of_a_routed_network_are_its_own_addresses) {
  const PublishedTarget target{{net::parse_ip("172.17.0.2/16")}, true, false};
  const Elements all = elements_of(target, {port("0.0.0.0", 8080)});
  EXPECT_TRUE(all.contains({"open4", std::string("\xac\x11\0\x02\x06\0\0\0\0\x50\0\0", 12)}));
}

TEST(Ruleset, has_a_line_per_network_and_none_per_port) {
  FirewallNetwork lan{"br-lan", false, {{"172.18.0.0/16", true, "", false}}};
  const std::string text = ruleset("gantry-x", {lan}, false);
  EXPECT_NE(text.find("add rule inet gantry-x postrouting oifname != \"br-lan\" ip saddr 172.18.0.0/16 masquerade"),
            std::string::npos)
      << text;
  EXPECT_EQ(text.find("delete"), std::string::npos);
}

} // namespace
} // namespace gantry::net_bridge
