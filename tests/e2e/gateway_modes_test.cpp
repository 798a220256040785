// Gateway modes of bridge networks, as another host and the daemon's own see them.
#include <gtest/gtest.h>

#include "support/daemon.hpp"
#include "support/need.hpp"
#include "support/net.hpp"
#include "support/rootfs.hpp"

namespace gantry::test {
namespace {

class GatewayModes : public testing::Test {
 protected:
  void SetUp() override {
    for (const auto& why : {need_root(), need_busybox(), need_network_tools()})
      if (!why.empty()) GTEST_SKIP() << why;
    daemon.start();
    import_busybox(daemon);
    outside = std::make_unique<OtherHost>();
  }
  void TearDown() override {
    if (daemon.pid() < 0) return;
    for (const auto& name : names) daemon.gantry({"rm", "-f", name});
    daemon.terminate();
    outside.reset();
    forget_networks();
  }
  void ok(std::vector<std::string> args) {
    const Output o = daemon.gantry(args);
    EXPECT_EQ(o.code, 0) << args[0] << " " << args[1] << ": " << o.err;
  }
  void network(const std::string& mode, std::vector<std::string> options = {}) {
    std::vector<std::string> args{"network",  "create",
                                  "--subnet", "10.77.0.0/24",
                                  "-o",       "com.docker.network.bridge.name=modes",
                                  "-o",       "com.docker.network.bridge.gateway_mode_ipv4=" + mode};
    args.insert(args.end(), options.begin(), options.end());
    args.emplace_back("lan");
    ok(args);
  }
  /// At 10.77.0.9, answering at port 80 and 81.
  void serve(std::vector<std::string> options) {
    std::vector<std::string> args{"run", "-d", "--name", "web", "--network", "lan", "--ip", "10.77.0.9"};
    args.insert(args.end(), options.begin(), options.end());
    for (const char* word :
         {"busybox", "sh", "-c", "mkdir /w; echo web >/w/index.html; httpd -h /w -p 81; exec httpd -f -h /w -p 80"})
      args.emplace_back(word);
    ok(args);
    names.emplace_back("web");
    EXPECT_TRUE(eventually([&] {
      return daemon.gantry({"exec", "web", "wget", "-q", "-O", "-", "http://127.0.0.1:80"}).out == "web\n" &&
             daemon.gantry({"exec", "web", "wget", "-q", "-O", "-", "http://127.0.0.1:81"}).out == "web\n";
    }));
  }
  bool reached(const std::string& place) const { return outside->shell("curl -sS -m 2 http://" + place).out == "web\n"; }
  /// The address that the container has for the other host.
  std::string seen_from_outside() {
    Command listener(outside->argv("python3 -c 'import socket; s = socket.create_server((\"192.0.2.2\", 7000)); "
                                   "print(\"ready\", flush=True); print(s.accept()[1][0], flush=True)'"),
                     CommandOptions{"", {}, std::chrono::seconds(60)});
    EXPECT_TRUE(listener.wait_for_output("ready"));
    daemon.gantry({"exec", "web", "sh", "-c", "echo | timeout 5 nc 192.0.2.2 7000"});
    const Output o = listener.finish();
    return o.out.substr(o.out.find('\n') + 1);
  }
  Daemon daemon;
  std::unique_ptr<OtherHost> outside;
  std::vector<std::string> names;
};

TEST_F(GatewayModes, nat_is_reached_by_published_ports_and_goes_out_with_the_hosts_address) {
  network("nat");
  serve({"-p", "8080:80"});
  EXPECT_TRUE(reached("192.0.2.1:8080"));
  EXPECT_FALSE(reached("10.77.0.9:80"));
  EXPECT_FALSE(reached("10.77.0.9:81"));
  EXPECT_EQ(seen_from_outside(), "192.0.2.1\n");
}

TEST_F(GatewayModes, nat_unprotected_is_also_reached_by_its_own_address) {
  network("nat-unprotected");
  serve({"-p", "8080:80"});
  EXPECT_TRUE(reached("192.0.2.1:8080"));
  EXPECT_TRUE(reached("10.77.0.9:80"));
  EXPECT_TRUE(reached("10.77.0.9:81"));
  EXPECT_EQ(seen_from_outside(), "192.0.2.1\n");
}

TEST_F(GatewayModes, routed_has_its_own_address_outside_and_published_ports_are_open_there) {
  network("routed");
  serve({"-p", "8080:80"});
  EXPECT_TRUE(reached("10.77.0.9:80"));
  EXPECT_FALSE(reached("10.77.0.9:81"));
  EXPECT_FALSE(reached("192.0.2.1:8080"));
  EXPECT_EQ(seen_from_outside(), "10.77.0.9\n");
}

TEST_F(GatewayModes, isolated_has_nothing_of_the_host) {
  const Output open = daemon.gantry({"network", "create", "-o", "com.docker.network.bridge.gateway_mode_ipv4=isolated", "open"});
  EXPECT_NE(open.code, 0);
  EXPECT_NE(open.err.find("only an internal network can be isolated"), std::string::npos) << open.err;
  network("isolated", {"--internal"});
  serve({});
  EXPECT_EQ(shell("ip -o -4 address show dev modes").out, "");
  EXPECT_FALSE(reached("10.77.0.9:80"));
  EXPECT_NE(shell("curl -sS -m 2 http://10.77.0.9:80").code, 0);
  EXPECT_EQ(daemon.gantry({"run", "--rm", "--network", "lan", "busybox", "wget", "-q", "-O", "-", "http://10.77.0.9"}).out,
            "web\n");
}

} // namespace
} // namespace gantry::test
