// What networks and containers may reach, as the rest of the world sees it.
#include <gtest/gtest.h>

#include <sstream>

#include "support/daemon.hpp"
#include "support/need.hpp"
#include "support/net.hpp"
#include "support/rootfs.hpp"

namespace gantry::test {
namespace {

class Egress : public testing::Test {
 protected:
  void SetUp() override {
    for (const auto& why : {need_root(), need_busybox(), need_network_tools()})
      if (!why.empty()) GTEST_SKIP() << why;
    daemon.start();
    import_busybox(daemon);
    outside = std::make_unique<OtherHost>();
    for (const char* port : {"81", "82"}) {
      servers.push_back(
          std::make_unique<Command>(outside->argv("mkdir -p " + daemon.dir() + "/w; echo fine >" + daemon.dir() +
                                                  "/w/index.html; exec busybox httpd -f -h " + daemon.dir() + "/w -p " + port),
                                    CommandOptions{"", {}, std::chrono::seconds(600)}));
    }
    EXPECT_TRUE(eventually([&] {
      return shell("curl -sS -m 5 http://192.0.2.2:81").out == "fine\n" &&
             shell("curl -sS -m 5 http://192.0.2.2:82").out == "fine\n";
    }));
  }
  void TearDown() override {
    if (daemon.pid() < 0) return;
    const Output ids = gantry({"ps", "-aq"});
    std::istringstream lines(ids.out);
    for (std::string id; std::getline(lines, id);) gantry({"rm", "-f", id});
    daemon.terminate();
    servers.clear();
    outside.reset();
    forget_networks();
  }
  Output gantry(std::vector<std::string> args) { return daemon.gantry(std::move(args)); }
  void ok(std::vector<std::string> args) {
    const Output o = daemon.gantry(args);
    EXPECT_EQ(o.code, 0) << args[0] << " " << args[1] << ": " << o.err;
  }
  void fails(std::vector<std::string> args, const std::string& text) {
    const Output o = gantry(args);
    EXPECT_NE(o.code, 0) << args.back();
    EXPECT_NE(o.err.find(text), std::string::npos) << o.err << "\nexpected: " << text;
  }
  void idle(const std::string& name, std::vector<std::string> options) {
    std::vector<std::string> args{"run", "-d", "--name", name};
    args.insert(args.end(), options.begin(), options.end());
    for (const char* word : {"busybox", "sh", "-c", "mkdir /w; echo in >/w/index.html; exec httpd -f -h /w -p 80"})
      args.emplace_back(word);
    ok(args);
  }
  /// "81 82": the ports of the other host that the container reaches.
  std::string reached(const std::string& name) {
    return gantry({"exec", name, "sh", "-c",
                   "for p in 81 82; do timeout 5 wget -q -O - http://192.0.2.2:$p 2>/dev/null | grep -q fine && echo -n \"$p \"; "
                   "done"})
        .out;
  }
  Daemon daemon;
  std::unique_ptr<OtherHost> outside;
  std::vector<std::unique_ptr<Command>> servers;
};

TEST_F(Egress, of_a_container_is_what_it_lists) {
  idle("free", {});
  idle("one", {"--egress", "192.0.2.0/24:81/tcp"});
  idle("shut", {"--egress", "none"});
  EXPECT_EQ(reached("free"), "81 82 ");
  EXPECT_EQ(reached("one"), "81 ");
  EXPECT_EQ(reached("shut"), "");
  EXPECT_EQ(gantry({"inspect", "-f", "{{json .Gantry.Egress}}", "one"}).out, "[\"192.0.2.0/24:81/tcp\"]\n");
  // Its neighbours and who asks it are not what it is about; the host is.
  const std::string peer = gantry({"inspect", "-f", "{{.NetworkSettings.IPAddress}}", "free"}).out;
  EXPECT_EQ(gantry({"exec", "shut", "wget", "-q", "-O", "-", "http://" + peer.substr(0, peer.find('\n'))}).out, "in\n");
  const std::string own = gantry({"inspect", "-f", "{{.NetworkSettings.IPAddress}}", "shut"}).out;
  EXPECT_EQ(shell("curl -sS -m 5 http://" + own).out, "in\n");
  EXPECT_NE(gantry({"exec", "shut", "ping", "-c", "1", "-W", "1", "172.17.0.1"}).code, 0);
  EXPECT_EQ(gantry({"exec", "free", "ping", "-c", "1", "-W", "5", "172.17.0.1"}).code, 0);
}

TEST_F(Egress, changes_while_the_container_runs_and_survives) {
  idle("one", {"--egress", "none"});
  ok({"update", "--egress", "192.0.2.2:82", "--egress", "192.0.2.2/icmp", "one"});
  EXPECT_EQ(reached("one"), "82 ");
  EXPECT_EQ(gantry({"exec", "one", "ping", "-c", "1", "-W", "5", "192.0.2.2"}).code, 0);
  fails({"update", "--egress", "nonsense", "one"}, "invalid egress destination \"nonsense\"");
  EXPECT_EQ(reached("one"), "82 ");
  daemon.kill();
  EXPECT_EQ(shell("nft list ruleset | grep -c 'ip daddr 192.0.2.2 .*return'").out, "2\n");
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

TEST_F(Egress, of_a_network_holds_for_all_in_it_and_for_a_forged_sender) {
  ok({"network", "create", "--egress", "192.0.2.2:81/tcp", "lan"});
  idle("aa", {"--network", "lan"});
  idle("bb", {"--network", "lan", "--egress", "192.0.2.2:82"});
  EXPECT_EQ(reached("aa"), "81 ");
  EXPECT_EQ(reached("bb"), ""); // both must allow it
  ok({"network", "update", "--egress", "any", "lan"});
  EXPECT_EQ(reached("aa"), "81 82 ");
  EXPECT_EQ(reached("bb"), "82 ");
  // Another MAC address helps nobody.
  idle("cc", {"--network", "lan", "--egress", "none", "--cap-add", "NET_ADMIN"});
  EXPECT_EQ(gantry({"exec", "cc", "ip", "link", "set", "eth0", "address", "02:42:00:00:00:99"}).code, 0);
  EXPECT_EQ(reached("cc"), "");
  ok({"network", "update", "--egress", "none", "lan"});
  EXPECT_EQ(reached("aa"), "");
  daemon.kill();
  daemon.start();
  EXPECT_EQ(reached("aa"), "");
  EXPECT_EQ(gantry({"network", "inspect", "-f", "{{json .Gantry.Egress}}", "lan"}).out, "[]\n");
}

TEST_F(Egress, is_set_by_docker_clients_and_refused_where_it_cannot_be_kept) {
  const Output o =
      daemon.docker({"run", "-d", "--name", "one", "--annotation", "io.gantry.egress=192.0.2.2:82", "busybox", "sleep", "1000"});
  EXPECT_EQ(o.code, 0) << o.err;
  EXPECT_EQ(reached("one"), "82 ");
  EXPECT_EQ(daemon.docker({"network", "create", "-o", "io.gantry.egress=none", "shut"}).code, 0);
  idle("two", {"--network", "shut"});
  EXPECT_EQ(reached("two"), "");
  fails({"create", "--egress", "10.0.0.0/8:x", "busybox"}, "invalid egress destination");
  fails({"create", "--egress", "none", "--network", "host", "busybox"},
        "conflicting options: an egress policy and the network mode");
  fails({"network", "create", "--egress", "1.2.3.4/99", "bad"}, "invalid egress destination");
  fails({"network", "update", "--egress", "none", "host"}, "has no egress policy");
}

TEST(HostFirewall, decides_about_published_ports_where_that_is_wanted) {
  for (const auto& why : {need_root(), need_busybox(), need_network_tools()})
    if (!why.empty()) GTEST_SKIP() << why;
  Daemon daemon({"--respect-host-firewall"});
  daemon.start();
  import_busybox(daemon);
  {
    const OtherHost outside;
    const Output run = daemon.gantry({"run", "-d", "--name", "web", "-p", "8080:80", "-p", "192.0.2.1:8081:80", "busybox", "sh",
                                      "-c", "mkdir /w; echo web >/w/index.html; exec httpd -f -h /w -p 80"});
    EXPECT_EQ(run.code, 0) << run.err;
    // As ufw has it.
    shell(
        "nft add table inet host; nft 'add chain inet host input { type filter hook input priority filter; policy drop; }'; nft "
        "add "
        "rule inet host input ct state established,related accept; nft add rule inet host input iif lo accept; nft add rule inet "
        "host "
        "input icmpv6 type '{ nd-neighbor-solicit, nd-neighbor-advert }' accept");
    EXPECT_TRUE(eventually([] { return shell("curl -sS -m 5 http://127.0.0.1:8080").out == "web\n"; }));
    for (const char* port : {"8080", "8081"})
      EXPECT_EQ(outside.shell(std::string("curl -sS -m 3 http://192.0.2.1:") + port).code, 28) << port;
    shell("nft add rule inet host input ip saddr 192.0.2.2 tcp dport '{ 8080, 8081 }' accept");
    for (const char* port : {"8080", "8081"})
      EXPECT_EQ(outside.shell(std::string("curl -sS -m 20 http://192.0.2.1:") + port).out, "web\n") << port;
    EXPECT_EQ(shell("nft list table inet host | grep -c accept").out, "4\n"); // nothing of the host's was touched
  }
  daemon.gantry({"rm", "-f", "web"});
  daemon.terminate();
  forget_networks();
}

} // namespace
} // namespace gantry::test
