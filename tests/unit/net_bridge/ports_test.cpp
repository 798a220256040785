#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "firewall/elements.hpp"
#include "firewall/ruleset.hpp"
#include "ports/choose.hpp"
#include "relay/routes.hpp"

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
  const PublishedTarget ipv4{{net::parse_ip("172.17.0.2/16")}};
  EXPECT_NO_THROW(check_ports({port("0.0.0.0", 0)}, ipv4, false));
  EXPECT_THROW(check_ports({port("::", 0)}, ipv4, false), Error);
  EXPECT_NO_THROW(check_ports({port("::", 0), port("::1", 0)}, ipv4, true));
  EXPECT_THROW(check_ports({port("::", 0, "sctp")}, ipv4, true), Error);
  EXPECT_THROW(check_ports({port("0.0.0.0", 0, "icmp")}, ipv4, true), Error);
  EXPECT_THROW(check_ports({port("nonsense", 0)}, ipv4, true), Error);
}

/// A socket of the host at a port of its own, on an address that nobody else uses.
UniqueFd taken_port(int type, std::uint16_t& number) {
  UniqueFd fd(::socket(AF_INET, type | SOCK_CLOEXEC, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  ::inet_pton(AF_INET, "127.77.0.1", &address.sin_addr);
  socklen_t size = sizeof address;
  EXPECT_EQ(::bind(fd.get(), reinterpret_cast<sockaddr*>(&address), size), 0);
  if (type == SOCK_STREAM) {
    EXPECT_EQ(::listen(fd.get(), 1), 0);
  }
  EXPECT_EQ(::getsockname(fd.get(), reinterpret_cast<sockaddr*>(&address), &size), 0);
  number = ntohs(address.sin_port);
  return fd;
}

TEST(Ports, of_a_program_of_the_host_are_found_among_many) {
  for (const int type : {SOCK_STREAM, SOCK_DGRAM}) {
    std::uint16_t number = 0;
    UniqueFd program = taken_port(type, number);
    std::vector<Port> wanted;
    for (unsigned i = 0; i < 300; ++i)
      wanted.push_back(port("127.77.0.1", static_cast<std::uint16_t>(number - i), type == SOCK_STREAM ? "tcp" : "udp"));
    PortTable none, empty;
    std::vector<UniqueFd> held;
    try {
      choose_ports(wanted, {}, none, PortHolder(), held);
      ADD_FAILURE() << "the port " << number << " is taken";
    } catch (const Error& e) {
      EXPECT_NE(std::string(e.what()).find(":" + std::to_string(number) + "/"), std::string::npos) << e.what();
      EXPECT_NE(std::string(e.what()).find("address already in use"), std::string::npos) << e.what();
    }
    program.reset();
    EXPECT_EQ(choose_ports(wanted, {}, empty, PortHolder(), held).size(), 300U);
    EXPECT_TRUE(held.empty());
    for (auto& elsewhere : wanted) elsewhere.host_ip = "198.51.100.1";
    PortTable other;
    EXPECT_THROW(choose_ports(wanted, {}, other, PortHolder(), held), Error) << "not an address of the host";
  }
}

TEST(Elements, go_into_the_map_of_their_kind) {
  const PublishedTarget target{{net::parse_ip("172.17.0.2/16"), net::parse_ip("fd00::2/64")}, false, false};
  const Elements all = elements_of(target, {port("0.0.0.0", 8080), port("192.0.2.1", 8081), port("::", 8080)});
  ASSERT_EQ(all.size(), 4U);
  const std::string key("\x06\0\0\0\x1f\x90\0\0", 8), data("\xac\x11\0\x02\0\x50\0\0", 8);
  EXPECT_EQ(all.at({"any4", key}), (ElementValue{data, ""}));
  EXPECT_TRUE(all.contains({"any6", key}));
  EXPECT_TRUE(all.contains({"host4", std::string("\xc0\0\x02\x01\x06\0\0\0\x1f\x91\0\0", 12)}));
  EXPECT_TRUE(all.contains({"relay_host", std::string(15, '\0') + std::string("\x01\x06\0\0\0\x1f\x90\0\0", 9)})) << "[::1]";
}

TEST(Elements, of_a_container_without_ipv6_send_ipv6_to_the_relay) {
  const PublishedTarget target{{net::parse_ip("172.17.0.2/16")}, false, false};
  const Elements all =
      elements_of(target, {port("0.0.0.0", 8080), port("::", 8080), port("fd00::1", 8081, "udp"), port("::", 8082, "sctp")});
  ASSERT_EQ(all.size(), 3U);
  EXPECT_TRUE(all.contains({"any4", std::string("\x06\0\0\0\x1f\x90\0\0", 8)}));
  EXPECT_TRUE(all.contains({"relay_any", std::string("\x06\0\0\0\x1f\x90\0\0", 8)}));
  const std::string there("\xfd\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x01\x11\0\0\0\x1f\x91\0\0", 24);
  EXPECT_EQ(all.at({"relay_host", there}), ElementValue{});
}

TEST(RelayRoutes, are_what_the_kernel_cannot_do) {
  const PublishedTarget ipv4{{net::parse_ip("172.17.0.2/16")}},
      both{{net::parse_ip("172.17.0.2/16"), net::parse_ip("fd00::2/64")}}, routed{{net::parse_ip("172.17.0.2/16")}, true, true};
  const std::vector<Port> ports{port("0.0.0.0", 8080), port("::", 8080), port("::1", 8081, "udp"), port("::", 8082, "sctp")};
  const RelayRoutes one{{{"tcp", "::", 8080}, {1, "172.17.0.2", 80}}, {{"udp", "::1", 8081}, {1, "172.17.0.2", 80}}};
  EXPECT_EQ(relay_routes_of(ipv4, ports), one);
  const RelayRoutes other{{{"tcp", "::1", 8080}, {1, "fd00::2", 80}}, {{"udp", "::1", 8081}, {1, "fd00::2", 80}}};
  EXPECT_EQ(relay_routes_of(both, ports), other);
  EXPECT_EQ(relay_routes_of(routed, ports), RelayRoutes{});
}

TEST(Ports, of_all_addresses_lose_ipv6_where_there_is_no_way) {
  const PublishedTarget ipv4{{net::parse_ip("172.17.0.2/16")}}, ipv6{{net::parse_ip("fd00::2/64")}};
  const auto left = [](std::vector<Port> ports, const PublishedTarget& target, bool relay) {
    std::string text;
    for (const Port& p : without_twins(std::move(ports), target, relay)) text += p.host_ip + "/" + p.protocol + " ";
    return text;
  };
  const std::vector<Port> twins{port("0.0.0.0", 8080), port("::", 8080), port("0.0.0.0", 8081, "sctp"), port("::", 8081, "sctp")};
  EXPECT_EQ(left(twins, ipv4, true), "0.0.0.0/tcp ::/tcp 0.0.0.0/sctp ");
  EXPECT_EQ(left(twins, ipv4, false), "0.0.0.0/tcp 0.0.0.0/sctp ");
  EXPECT_EQ(left({port("::", 8080)}, ipv6, false), "::/tcp ");
  EXPECT_EQ(left({port("::", 8080)}, ipv4, false), "::/tcp ") << "asked for: refused, and not forgotten";
}

TEST(Elements, of_a_routed_network_are_its_own_addresses) {
  const PublishedTarget target{{net::parse_ip("172.17.0.2/16")}, true, false};
  const Elements all = elements_of(target, {port("0.0.0.0", 8080)});
  EXPECT_TRUE(all.contains({"open4", std::string("\xac\x11\0\x02\x06\0\0\0\0\x50\0\0", 12)}));
}

/// Ports `first` to `last` of "0.0.0.0" and "::", as the engine orders them.
std::vector<Port> neighbours(std::uint16_t first, std::uint16_t last, int shift) {
  std::vector<Port> ports;
  for (unsigned number = first; number <= last; ++number) {
    for (const char* ip : {"0.0.0.0", "::"}) {
      ports.push_back(port(ip, static_cast<std::uint16_t>(number)));
      ports.back().container_port = static_cast<std::uint16_t>(static_cast<int>(number) + shift);
    }
  }
  return ports;
}

TEST(Elements, of_neighbours_with_the_same_number_inside_are_one) {
  const PublishedTarget target{{net::parse_ip("172.17.0.2/16"), net::parse_ip("fd00::2/64")}, false, false};
  std::vector<Port> ports = neighbours(30000, 39999, 0);
  const Elements all = elements_of(target, ports);
  ASSERT_EQ(all.size(), 3U);
  const std::string first("\x06\0\0\0\x75\x30\0\0", 8), last("\x06\0\0\0\x9c\x3f\0\0", 8);
  EXPECT_EQ(all.at({"any4_ranges", first}), (ElementValue{std::string("\xac\x11\0\x02", 4), last}));
  EXPECT_TRUE(all.contains({"any6_ranges", first}));
  EXPECT_TRUE(all.contains({"relay_host_ranges", std::string(15, '\0') + "\x01" + first}));
  // A hole makes two of one, a shift or a short range is one for each.
  std::erase_if(ports, [](const Port& p) { return p.host_port == 35000; });
  EXPECT_EQ(elements_of(target, ports).size(), 6U);
  EXPECT_EQ(elements_of(target, neighbours(30000, 30099, 1)).size(), 300U);
  EXPECT_EQ(elements_of(target, neighbours(30000, 30001, 0)).size(), 6U);
  const PublishedTarget routed{{net::parse_ip("172.17.0.2/16"), net::parse_ip("fd00::2/64")}, true, true};
  // Their key has no host address: intervals of two would overlap.
  EXPECT_EQ(elements_of(routed, neighbours(30000, 30099, 0)).size(), 200U);
}

TEST(Ruleset, has_a_line_per_network_and_none_per_port) {
  const FirewallNetwork lan{"br-lan", false, {{"172.18.0.0/16", true, "", false}}, {}};
  const std::string text = ruleset("gantry-x", {.networks = {lan}, .endpoints = {}, .all_known = true});
  EXPECT_NE(text.find("add rule inet gantry-x postrouting oifname != \"br-lan\" ip saddr 172.18.0.0/16 masquerade"),
            std::string::npos)
      << text;
  EXPECT_EQ(text.find("delete table"), std::string::npos);
  EXPECT_EQ(text.find("delete chain inet gantry-x user"), std::string::npos);
  EXPECT_NE(text.find("delete chain inet gantry-x admit"), std::string::npos) << "packets to the host would pass it for nothing";
}

TEST(Ruleset, has_little_for_packets_of_known_connections) {
  FirewallRules rules;
  rules.networks = {{"br-lan", false, {}, {}}};
  rules.all_known = true;
  const auto lines = [&](const std::string& chain) {
    const std::string text = ruleset("g", rules), begin = "add rule inet g " + chain + " ";
    std::string found;
    for (std::size_t at = 0; (at = text.find(begin, at)) != std::string::npos; at = text.find('\n', at))
      found += text.substr(at + begin.size(), text.find('\n', at) - at - begin.size()) + "\n";
    return found;
  };
  EXPECT_EQ(lines("established"), "accept\n");
  const std::string relayed = "meta nfproto ipv6 jump relay_input\n";
  EXPECT_EQ(lines("input"), relayed);
  EXPECT_EQ(lines("relay_input"), "") << "none is";
  EXPECT_EQ(lines("forward").find("jump container_egress"), std::string::npos);
  // A network may be internal now that has the addresses of one that was not.
  rules.networks.front().internal = true;
  EXPECT_EQ(lines("established"), "iifname . oifname @same accept\noifname @internal drop\niifname @internal drop\naccept\n");
  rules.networks.front().egress.restricted = true;
  const std::string forward = lines("forward");
  EXPECT_LT(forward.find("ct state established,related goto established"), forward.find("jump network_egress")) << forward;
  EXPECT_EQ(lines("input"), relayed + "ct state established,related accept\njump container_egress\njump network_egress\n");
  // While policies of an earlier engine may be there.
  rules = {};
  EXPECT_NE(lines("input").find("jump network_egress"), std::string::npos);
}

TEST(Ruleset, sends_to_the_relay_who_may_get_there) {
  FirewallRules rules;
  rules.networks = {{"br-lan", true, {}, {}}, {"br-wan", false, {}, {true, {}}}};
  rules.endpoints = {{"br-x", "veth0", "02:42:ac:12:00:02", {true, {}}}};
  rules.relay_port = 4711;
  EXPECT_EQ(relay_ruleset("g", rules).find("relay"), std::string::npos) << "an earlier engine's stay until all is known";
  rules.all_known = true;
  const std::string text = relay_ruleset("g", rules);
  std::size_t last = 0;
  for (const char* part :
       {"flush chain inet g relay\n", "relay iifname @internal return\n", "relay iifname \"br-wan\" return\n",
        "relay iifname \"br-x\" ether saddr 02:42:ac:12:00:02 return\n", "tproxy ip6 to [::1]:4711 accept\n"}) {
    const std::size_t at = text.find(part);
    ASSERT_NE(at, std::string::npos) << part << text;
    EXPECT_LE(last, at) << part << text;
    last = at;
  }
  rules.relay_port = 0;
  EXPECT_EQ(relay_ruleset("g", rules).find("tproxy"), std::string::npos);
}

TEST(Egress, destinations_become_matches) {
  const auto allowed = [](const std::string& text) { return read_egress({{"io.gantry.egress", text}}).allowed; };
  EXPECT_FALSE(read_egress({}).restricted);
  EXPECT_TRUE(read_egress({{"io.gantry.egress", "none"}}).restricted);
  EXPECT_EQ(allowed("none"), std::vector<std::string>{});
  const std::vector<std::string> expected{"ip daddr 10.0.0.0/8 tcp dport 443",
                                          "ip6 daddr fd00::/8 meta l4proto { icmp, ipv6-icmp }",
                                          "ip daddr 192.0.2.1/32 meta l4proto { tcp, udp, sctp } th dport 53-54",
                                          "ip daddr 10.0.0.0/8", "ip6 daddr fd00::/64 udp dport 53"};
  EXPECT_EQ(allowed("10.0.0.0/8:443/tcp,[fd00::/8]/icmp,192.0.2.1/32:53-54,10.0.0.0/8,[fd00::/64]:53/udp"), expected);
  for (const char* bad : {"10.0.0.0/8:443;drop", "10.0.0.0/8/gre", "10.0.0.0/8:1/icmp", "x/8", "fd00::/8", ",", "[fd00::/8]x"})
    EXPECT_THROW(allowed(bad), Error) << bad;
}

TEST(Ruleset, keeps_the_policies_of_an_earlier_engine_until_all_is_known) {
  const FirewallEndpoint web{"br-lan", "veth0", "02:42:ac:12:00:02", {true, {"ip daddr 10.0.0.0/8"}}};
  const std::string early = ruleset("g", {.networks = {}, .endpoints = {web}, .all_known = false}),
                    late = ruleset("g", {.networks = {}, .endpoints = {web}, .all_known = true});
  const std::string rule = "add rule inet g container_egress iifname \"br-lan\" ether saddr 02:42:ac:12:00:02 ";
  for (const auto& text : {early, late}) {
    EXPECT_NE(text.find(rule + "ip daddr 10.0.0.0/8 return\n" + rule + "reject with icmpx type admin-prohibited"),
              std::string::npos)
        << text;
  }
  EXPECT_EQ(early.find("flush chain inet g container_egress"), std::string::npos) << early;
  EXPECT_NE(late.find("flush chain inet g container_egress"), std::string::npos) << late;
}

} // namespace
} // namespace gantry::net_bridge
