// What networks and containers may reach, as the rest of the world sees it.
#include <gtest/gtest.h>

#include "support/network_fixture.hpp"

namespace gantry::test {
namespace {

/// Another host that answers at ports 81 and 82, and containers with an address of the family.
class Egress : public NetworkFixture, public testing::WithParamInterface<Family> {
 protected:
  explicit Egress(std::vector<std::string> flags = {}) : NetworkFixture(std::move(flags)) {}
  void SetUp() override {
    NetworkFixture::SetUp();
    if (IsSkipped()) return;
    ok({"network", "create", "--ipv6", "--subnet", "fd00:6::/64", "six"});
    outside = std::make_unique<OtherHost>();
    for (const char* port : {"81", "82"}) {
      servers.push_back(
          std::make_unique<Command>(outside->argv("mkdir -p " + daemon.dir() + "/w; echo fine >" + daemon.dir() +
                                                  "/w/index.html; exec busybox httpd -f -h " + daemon.dir() + "/w -p " + port),
                                    CommandOptions{"", {}, std::chrono::seconds(600)}));
      EXPECT_TRUE(served("http://" + at(family.other, port), "fine"));
    }
  }
  void TearDown() override {
    servers.clear();
    outside.reset();
    NetworkFixture::TearDown();
  }
  std::string at(const std::string& address, const std::string& port) const { return family.at(address, port); }
  /// A server in the family's network.
  void place(const std::string& name, std::vector<std::string> options = {}) const {
    options.insert(options.end(), family.network.begin(), family.network.end());
    serve(name, options);
  }
  /// "81 82": the ports of the other host that the container reaches.
  std::string reached(const std::string& name) const {
    return in(name, "for p in 81 82; do timeout 5 wget -q -O - http://" + at(family.other, "$p") +
                        " 2>/dev/null | grep -q fine && echo -n \"$p \"; done");
  }
  bool pings(const std::string& name, const std::string& address) const {
    return gantry({"exec", name, "ping", "-c", "1", "-W", "2", address}).code == 0;
  }
  std::string own_address(const std::string& name) const {
    return inspect(name,
                   family.ipv6() ? "{{.NetworkSettings.Networks.six.GlobalIPv6Address}}" : "{{.NetworkSettings.IPAddress}}");
  }
  const Family& family = GetParam();
  const std::string other_net = family.ipv6() ? "2001:db8::/64" : "192.0.2.0/24";
  std::unique_ptr<OtherHost> outside;
  std::vector<std::unique_ptr<Command>> servers;
};

TEST_P(Egress, of_a_container_is_what_it_lists) {
  place("free");
  place("one", {"--egress", at(other_net, "81/tcp")});
  place("shut", {"--egress", "none"});
  EXPECT_EQ(reached("free"), "81 82 ");
  EXPECT_EQ(reached("one"), "81 ");
  EXPECT_EQ(reached("shut"), "");
  EXPECT_EQ(inspect("one", "{{json .Gantry.Egress}}"), "[\"" + at(other_net, "81/tcp") + "\"]");
  // Its neighbours and who asks it are not what it is about; the host is.
  EXPECT_EQ(in("shut", "wget -q -O - http://" + at(own_address("free"), "80")), "free\n");
  EXPECT_EQ(fetch("http://" + at(own_address("shut"), "80")), "shut\n");
  EXPECT_FALSE(pings("shut", family.gateway));
  EXPECT_TRUE(pings("free", family.gateway));
}

TEST_P(Egress, changes_while_the_container_runs_and_survives) {
  place("one", {"--egress", "none"});
  const std::string icmp = family.ipv6() ? "[2001:db8::2]/icmp" : "192.0.2.2/icmp";
  ok({"update", "--egress", at(family.other, "82"), "--egress", icmp, "one"});
  EXPECT_EQ(reached("one"), "82 ");
  EXPECT_TRUE(pings("one", family.other));
  fails({"update", "--egress", "nonsense", "one"}, "invalid egress destination \"nonsense\"");
  EXPECT_EQ(reached("one"), "82 ");
  daemon.kill();
  EXPECT_EQ(shell(std::string("nft list ruleset | grep -c '") + family.match + " daddr " + family.other + " .*return'").out,
            "2\n");
  daemon.start();
  EXPECT_EQ(reached("one"), "82 ");
  shell("nft flush ruleset");
  EXPECT_TRUE(eventually([&] { return reached("one") == "82 "; }));
  EXPECT_EQ(shell("nft list chain inet $(nft list tables inet | awk '{print $3}') container_egress | grep -c reject").out, "1\n");
  ok({"restart", "-t", "0", "one"});
  EXPECT_EQ(reached("one"), "82 ");
  ok({"update", "--egress", "any", "one"});
  EXPECT_EQ(reached("one"), "81 82 ");
  EXPECT_EQ(shell("nft list ruleset | grep -c reject").out, "0\n");
}

TEST_P(Egress, of_a_network_holds_for_all_in_it_and_for_a_forged_sender) {
  ok({"network", "create", "--ipv6", "--egress", at(family.other, "81/tcp"), "lan"});
  serve("aa", {"--network", "lan"});
  serve("bb", {"--network", "lan", "--egress", at(family.other, "82")});
  EXPECT_EQ(reached("aa"), "81 ");
  EXPECT_EQ(reached("bb"), ""); // both must allow it
  ok({"network", "update", "--egress", "any", "lan"});
  EXPECT_EQ(reached("aa"), "81 82 ");
  EXPECT_EQ(reached("bb"), "82 ");
  // Another MAC address helps nobody.
  serve("cc", {"--network", "lan", "--egress", "none", "--cap-add", "NET_ADMIN"});
  EXPECT_EQ(gantry({"exec", "cc", "ip", "link", "set", "eth0", "address", "02:42:00:00:00:99"}).code, 0);
  EXPECT_EQ(reached("cc"), "");
  ok({"network", "update", "--egress", "none", "lan"});
  EXPECT_EQ(reached("aa"), "");
  daemon.kill();
  daemon.start();
  EXPECT_EQ(reached("aa"), "");
  EXPECT_EQ(gantry({"network", "inspect", "-f", "{{json .Gantry.Egress}}", "lan"}).out, "[]\n");
}

TEST_P(Egress, is_set_by_docker_clients) {
  std::vector<std::string> args{"run", "-d", "--name", "one", "--annotation", "io.gantry.egress=" + at(family.other, "82")};
  args.insert(args.end(), family.network.begin(), family.network.end());
  for (const char* word : {"busybox", "sleep", "1000"}) args.emplace_back(word);
  const Output o = daemon.docker(args);
  EXPECT_EQ(o.code, 0) << o.err;
  EXPECT_EQ(reached("one"), "82 ");
  EXPECT_EQ(daemon.docker({"network", "create", "--ipv6", "-o", "io.gantry.egress=none", "shut"}).code, 0);
  idle("two", {"--network", "shut"});
  EXPECT_EQ(reached("two"), "");
}

INSTANTIATE_TEST_SUITE_P(Of, Egress, testing::Values(ipv4, ipv6), testing::PrintToStringParamName());

using EgressPolicy = NetworkFixture;
TEST_F(EgressPolicy, is_refused_where_it_cannot_be_kept) {
  fails({"create", "--egress", "10.0.0.0/8:x", "busybox"}, "invalid egress destination");
  fails({"create", "--egress", "none", "--network", "host", "busybox"},
        "conflicting options: an egress policy and the network mode");
  fails({"network", "create", "--egress", "1.2.3.4/99", "bad"}, "invalid egress destination");
  fails({"network", "update", "--egress", "none", "host"}, "has no egress policy");
}

class HostFirewall : public Egress {
 protected:
  HostFirewall() : Egress({"--respect-host-firewall"}) {}
  Output from_outside(const char* port, const char* patience) const {
    return outside->shell("curl -gsS -m " + std::string(patience) + " http://" + at(family.host, port));
  }
};

TEST_P(HostFirewall, decides_about_published_ports_where_that_is_wanted) {
  place("web", {"-p", "8080:80", "-p", at(family.host, "8081:80"), "-p", "9000-9099:9000-9099"});
  // As ufw has it.
  shell(
      "nft add table inet host; nft 'add chain inet host input { type filter hook input priority filter; policy drop; }'; "
      "for rule in 'ct state established,related' 'iif lo' 'icmpv6 type { nd-neighbor-solicit, nd-neighbor-advert }'; do "
      "nft add rule inet host input $rule accept; done");
  EXPECT_TRUE(served("http://" + at(family.host, "8080"), "web"));
  for (const char* port : {"8080", "8081", "9050"}) EXPECT_EQ(from_outside(port, "3").code, 28) << port;
  shell(std::string("nft add rule inet host input ") + family.match + " saddr " + family.other +
        " tcp dport '{ 8080, 8081, 9050 }' accept");
  for (const char* port : {"8080", "8081"}) EXPECT_EQ(from_outside(port, "20").out, "web\n") << port;
  EXPECT_EQ(from_outside("9050", "20").code, 7) << "nobody listens there, but the way is open";
  EXPECT_EQ(shell("nft list table inet host | grep -c accept").out, "4\n"); // nothing of the host's was touched
}
INSTANTIATE_TEST_SUITE_P(Of, HostFirewall, testing::Values(ipv4, ipv6), testing::PrintToStringParamName());

} // namespace
} // namespace gantry::test
