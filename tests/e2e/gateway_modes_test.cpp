// Gateway modes of bridge networks, as another host and the daemon's own see them.
#include <gtest/gtest.h>

#include "support/network_fixture.hpp"

namespace gantry::test {
namespace {

class GatewayModes : public NetworkFixture, public testing::WithParamInterface<Family> {
 protected:
  void SetUp() override {
    NetworkFixture::SetUp();
    if (!IsSkipped()) outside = std::make_unique<OtherHost>();
  }
  void TearDown() override {
    outside.reset();
    NetworkFixture::TearDown();
  }
  void network(const std::string& mode, const std::vector<std::string>& options = {}) const {
    std::vector<std::string> args{"network", "create", "-o", "com.docker.network.bridge.name=modes", "-o"};
    args.push_back(std::string("com.docker.network.bridge.gateway_mode_") + (family.ipv6() ? "ipv6=" : "ipv4=") + mode);
    args.insert(args.end(), options.begin(), options.end());
    if (family.ipv6()) args.emplace_back("--ipv6");
    for (const char* word : {"--subnet", family.ipv6() ? "fd00:77::/64" : "10.77.0.0/24", "lan"}) args.emplace_back(word);
    ok(args);
  }
  /// At `inside`, answering at port 80 and 81.
  void serve_twice(std::vector<std::string> options = {}) const {
    for (const std::string& word :
         {std::string("--network"), std::string("lan"), std::string(family.ipv6() ? "--ip6" : "--ip"), inside})
      options.push_back(word);
    start("web", options, "mkdir /w; echo web >/w/index.html; httpd -h /w -p 81; exec httpd -f -h /w -p 80");
    for (const char* port : {"80", "81"}) {
      EXPECT_TRUE(eventually([&] { return in("web", std::string("wget -q -O - http://127.0.0.1:") + port) == "web\n"; }));
    }
  }
  bool reached(const std::string& address, const std::string& port) const {
    return outside->shell("curl -gsS -m 2 http://" + family.at(address, port)).out == "web\n";
  }
  /// The address that the container has for the other host.
  std::string seen_from_outside() const {
    Command listener(outside->argv(std::string("python3 -c 'import socket; s = socket.create_server((\"") + family.other +
                                   "\", 7000), family=socket.AF_INET" + (family.ipv6() ? "6" : "") +
                                   "); print(\"ready\", flush=True); print(s.accept()[1][0], flush=True)'"),
                     CommandOptions{"", {}, std::chrono::seconds(60)});
    EXPECT_TRUE(listener.wait_for_output("ready"));
    in("web", std::string("echo | timeout 5 nc ") + family.other + " 7000");
    const Output o = listener.finish();
    return o.out.substr(o.out.find('\n') + 1);
  }
  const Family& family = GetParam();
  const std::string inside = family.ipv6() ? "fd00:77::9" : "10.77.0.9";
  std::unique_ptr<OtherHost> outside;
};

TEST_P(GatewayModes, nat_is_reached_by_published_ports_and_goes_out_with_the_hosts_address) {
  network("nat");
  serve_twice({"-p", "8080:80"});
  EXPECT_TRUE(reached(family.host, "8080"));
  EXPECT_FALSE(reached(inside, "80"));
  EXPECT_FALSE(reached(inside, "81"));
  EXPECT_EQ(seen_from_outside(), std::string(family.host) + "\n");
}

TEST_P(GatewayModes, nat_unprotected_is_also_reached_by_its_own_address) {
  network("nat-unprotected");
  serve_twice({"-p", "8080:80"});
  EXPECT_TRUE(reached(family.host, "8080"));
  EXPECT_TRUE(reached(inside, "80"));
  EXPECT_TRUE(reached(inside, "81"));
  EXPECT_EQ(seen_from_outside(), std::string(family.host) + "\n");
}

TEST_P(GatewayModes, routed_has_its_own_address_outside_and_published_ports_are_open_there) {
  network("routed");
  serve_twice({"-p", "8080:80"});
  EXPECT_TRUE(reached(inside, "80"));
  EXPECT_FALSE(reached(inside, "81"));
  EXPECT_FALSE(reached(family.host, "8080"));
  EXPECT_EQ(seen_from_outside(), inside + "\n");
}

TEST_P(GatewayModes, isolated_has_nothing_of_the_host) {
  const std::string mode = std::string("com.docker.network.bridge.gateway_mode_") + (family.ipv6() ? "ipv6" : "ipv4");
  fails({"network", "create", "--ipv6", "-o", mode + "=isolated", "open"}, "only an internal network can be isolated");
  network("isolated", {"--internal"});
  serve_twice();
  EXPECT_EQ(shell(std::string("ip -o ") + (family.ipv6() ? "-6" : "-4") + " address show dev modes scope global").out, "");
  EXPECT_FALSE(reached(inside, "80"));
  EXPECT_NE(shell("curl -gsS -m 2 http://" + family.at(inside, "80")).code, 0);
  EXPECT_EQ(
      gantry({"run", "--rm", "--network", "lan", "busybox", "wget", "-q", "-O", "-", "http://" + family.at(inside, "80")}).out,
      "web\n");
}

INSTANTIATE_TEST_SUITE_P(Of, GatewayModes, testing::Values(ipv4, ipv6), testing::PrintToStringParamName());

} // namespace
} // namespace gantry::test
