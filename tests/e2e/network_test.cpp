// The default network and published ports, as the host, another host and other containers see them.
#include <gtest/gtest.h>

#include <sstream>

#include "support/network_fixture.hpp"

namespace gantry::test {
namespace {

using Network = NetworkFixture;

TEST_F(Network, a_container_has_an_interface_a_route_and_its_name) {
  const Output o =
      gantry({"run", "--rm", "--name", "web", "--hostname", "webhost", "busybox", "sh", "-c",
              "ip -o -4 address show eth0 | awk '{print $4}'; ip route | head -1 | cut -d' ' -f1-3; grep webhost /etc/hosts; "
              "ip link show lo | grep -c LOOPBACK,UP"});
  EXPECT_EQ(o.code, 0) << o.err;
  EXPECT_EQ(o.out, "172.17.0.2/16\ndefault via 172.17.0.1\n172.17.0.2\twebhost\n1\n");
}

TEST_F(Network, inspect_tells_where_it_is) {
  serve("web", {"-p", "8080:80", "--expose", "81"});
  EXPECT_EQ(inspect("web",
                    "{{.NetworkSettings.IPAddress}} {{.NetworkSettings.Gateway}} {{.NetworkSettings.IPPrefixLen}} "
                    "{{.NetworkSettings.MacAddress}} {{.NetworkSettings.Networks.bridge.IPAddress}}"),
            "172.17.0.2 172.17.0.1 16 02:42:ac:11:00:02 172.17.0.2");
  EXPECT_EQ(inspect("web", "{{json .NetworkSettings.Ports}}"),
            R"({"80/tcp":[{"HostIp":"0.0.0.0","HostPort":"8080"},{"HostIp":"::","HostPort":"8080"}],"81/tcp":null})");
  EXPECT_EQ(gantry({"port", "web"}).out, "80/tcp -> 0.0.0.0:8080\n80/tcp -> [::]:8080\n");
  EXPECT_NE(gantry({"ps"}).out.find("0.0.0.0:8080->80/tcp, [::]:8080->80/tcp, 81/tcp"), std::string::npos) << gantry({"ps"}).out;
  gantry({"stop", "-t", "0", "web"});
  EXPECT_EQ(inspect("web", "{{json .NetworkSettings.Ports}}{{.NetworkSettings.IPAddress}}"), "{}");
}

TEST_F(Network, containers_reach_each_other_and_the_host) {
  serve("web", {});
  const Output o = gantry({"run", "--rm", "busybox", "sh", "-c",
                           "wget -q -O - " + address("web") + "; ping -c 1 -W 5 172.17.0.1 | grep -c '1 packets received'"});
  EXPECT_EQ(o.out, "web\n1\n") << o.err;
}

TEST_F(Network, a_published_port_is_reached_from_everywhere_with_the_source_address_kept) {
  const OtherHost other;
  serve("web", {"-p", "8080:80"});
  EXPECT_TRUE(served("http://127.0.0.1:8080", "web"));
  EXPECT_TRUE(served("http://192.0.2.1:8080", "web"));
  EXPECT_EQ(other.shell("curl -gsS -m 5 http://192.0.2.1:8080").out, "web\n");
  // From a neighbour, and from itself, by the host's address.
  EXPECT_EQ(gantry({"run", "--rm", "busybox", "wget", "-q", "-O", "-", "http://192.0.2.1:8080"}).out, "web\n");
  EXPECT_EQ(in("web", "wget -q -O - http://192.0.2.1:8080"), "web\n");
  EXPECT_TRUE(eventually([&] {
    return gantry({"logs", "web"}).err.find("192.0.2.2") != std::string::npos;
  })) << gantry({"logs", "web"}).err;
}

TEST_F(Network, containers_reach_other_hosts_with_the_hosts_address) {
  const OtherHost other;
  Command server(other.argv("exec /bin/busybox httpd -f -v -h / -p 9001"), CommandOptions{"", {}, std::chrono::seconds(60)});
  EXPECT_TRUE(eventually([&] {
    return gantry({"run", "--rm", "busybox", "sh", "-c", "wget -q -O /dev/null http://192.0.2.2:9001/etc/hostname && echo fine"})
               .out == "fine\n";
  }));
  server.signal(SIGTERM);
  EXPECT_NE(server.finish().err.find("192.0.2.1"), std::string::npos);
}

TEST_F(Network, what_is_published_on_the_loopback_is_not_reached_from_outside) {
  const OtherHost other;
  serve("web", {"-p", "127.0.0.1:8080:80"});
  EXPECT_TRUE(served("http://127.0.0.1:8080", "web"));
  EXPECT_NE(other.shell("curl -gsS -m 1 http://192.0.2.1:8080").code, 0);
  // A neighbour on the cable that sends packets for 127.0.0.1 to the host.
  other.shell(
      "ip link set lo down; ip route add 127.0.0.1/32 via 192.0.2.1 src 192.0.2.2; sysctl -q -w "
      "net.ipv4.conf.all.route_localnet=1");
  EXPECT_NE(other.shell("curl -gsS -m 1 http://127.0.0.1:8080").code, 0);
}

TEST_F(Network, ports_that_are_not_published_are_not_reached_from_outside) {
  const OtherHost other;
  serve("web", {"-p", "8080:80"});
  EXPECT_TRUE(served("http://127.0.0.1:8080", "web"));
  EXPECT_NE(other.shell("curl -gsS -m 1 http://" + address("web")).code, 0);
}

TEST_F(Network, udp_is_published) {
  gantry({"run", "-d", "--name", "echo", "-p", "7000:7000/udp", "busybox", "sleep", "1000"});
  Command server({"nsenter", "-t", inspect("echo", "{{.State.Pid}}"), "-n", "python3", "-c",
                  "import socket\ns = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)\ns.bind(('0.0.0.0', 7000))\n"
                  "while True: s.sendto(*s.recvfrom(99))"},
                 CommandOptions{"", {}, std::chrono::seconds(60)});
  EXPECT_TRUE(eventually([] {
    return shell(
               "python3 -c 'import socket; s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.settimeout(1); "
               "s.sendto(b\"hello\", (\"127.0.0.1\", 7000)); print(s.recv(9).decode())'")
               .out == "hello\n";
  }));
  server.signal(SIGTERM);
}

TEST_F(Network, a_port_in_use_is_refused_before_the_container_starts) {
  serve("one", {"-p", "8080:80"});
  const Output o = gantry({"run", "--name", "two", "-p", "8080:80", "busybox", "touch", "/ran"});
  EXPECT_EQ(o.code, 125);
  EXPECT_NE(o.err.find("Bind for 0.0.0.0:8080 failed: port is already allocated"), std::string::npos) << o.err;
  EXPECT_EQ(inspect("two", "{{.State.Status}}"), "created");
  EXPECT_EQ(gantry({"diff", "two"}).out, "");
  Command server({"python3", "-c", "import socket; s = socket.create_server((\"0.0.0.0\", 8081)); s.accept()"},
                 CommandOptions{"", {}, std::chrono::seconds(60)});
  ASSERT_TRUE(eventually([] { return shell("grep -qi ':1f91 ' /proc/net/tcp").code == 0; }));
  const Output host = gantry({"run", "--name", "three", "-p", "8081:80", "busybox", "true"});
  EXPECT_EQ(host.code, 125);
  EXPECT_NE(host.err.find("address already in use"), std::string::npos) << host.err;
  EXPECT_EQ(gantry({"run", "--rm", "-p", "198.51.100.1:8082:80", "busybox", "true"}).code, 125);
  // And the other way round: a published port is taken for programs of the host.
  EXPECT_NE(shell("python3 -c 'import socket; socket.create_server((\"0.0.0.0\", 8080))' 2>&1").out.find("in use"),
            std::string::npos);
}

TEST_F(Network, ports_come_in_all_forms) {
  gantry({"run", "-d", "--name", "many", "-p", "9000-9002:80-82", "-p", "80", "-p", "7000-7010:90", "-p", "127.0.0.1::91/udp",
          "busybox", "sleep", "1000"});
  EXPECT_EQ(gantry({"port", "many", "81"}).out, "0.0.0.0:9001\n[::]:9001\n");
  EXPECT_EQ(gantry({"port", "many", "90"}).out, "0.0.0.0:7000\n[::]:7000\n");
  EXPECT_NE(gantry({"port", "many", "91/udp"}).out.find("127.0.0.1:"), std::string::npos);
  std::istringstream lines(gantry({"port", "many", "80"}).out);
  std::string first, second;
  ASSERT_TRUE(std::getline(lines, first) && std::getline(lines, second)) << gantry({"port", "many"}).out;
  gantry({"run", "-d", "--name", "next", "-p", "7000-7010:90", "--expose", "85", "-P", "busybox", "sleep", "1000"});
  EXPECT_EQ(gantry({"port", "next", "90"}).out, "0.0.0.0:7001\n[::]:7001\n");
  EXPECT_NE(gantry({"port", "next", "85"}).out, "");
}

TEST_F(Network, nothing_is_left_behind) {
  gantry({"run", "--rm", "-p", "8080:80", "busybox", "true"}); // the bridge and the table are there from here on
  ASSERT_TRUE(eventually([] { return shell("ip -o link show type veth").out.empty(); }));
  const std::string before = network_state();
  serve("web", {"-p", "8080:80", "-p", "9000-9100:9000-9100/udp"});
  gantry({"run", "--rm", "-p", "8081:80", "busybox", "true"});
  gantry({"run", "--rm", "busybox", "nosuch"});
  gantry({"run", "--rm", "-p", "8080:80", "busybox", "true"});
  gantry({"restart", "-t", "0", "web"});
  gantry({"kill", "web"});
  gantry({"start", "web"});
  gantry({"rm", "-f", "web"});
  EXPECT_TRUE(eventually([&] { return network_state() == before; })) << network_state() << "\nbefore:\n" << before;
}

TEST_F(Network, a_killed_daemon_finds_its_ports_and_addresses_again) {
  serve("web", {"-p", "8080:80"});
  gantry({"run", "-d", "--name", "gone", "-p", "8081:80", "busybox", "sleep", "1000"});
  const std::string pid = inspect("gone", "{{.State.Pid}}");
  EXPECT_TRUE(served("http://127.0.0.1:8080", "web"));
  daemon.kill();
  EXPECT_TRUE(served("http://127.0.0.1:8080", "web"));
  shell("kill -9 " + pid);
  daemon.start();
  EXPECT_TRUE(served("http://127.0.0.1:8080", "web"));
  const Output o = gantry({"run", "-d", "--name", "next", "-p", "8081:80", "busybox", "sleep", "1000"});
  EXPECT_EQ(o.code, 0) << o.err;
  EXPECT_EQ(address("next"), "172.17.0.3");
  EXPECT_EQ(gantry({"run", "--rm", "-p", "8080:80", "busybox", "true"}).code, 125);
}

TEST_F(Network, a_flushed_ruleset_is_repaired) {
  const OtherHost other;
  serve("web", {"-p", "8080:80"});
  EXPECT_TRUE(served("http://192.0.2.1:8080", "web"));
  shell("nft flush ruleset");
  EXPECT_TRUE(eventually([&] { return other.shell("curl -gsS -m 1 http://192.0.2.1:8080").out == "web\n"; }));
}

TEST_F(Network, a_bridge_that_was_deleted_by_hand_is_made_again) {
  gantry({"run", "--rm", "busybox", "true"});
  const std::string bridge = inspect("bridge", "{{index .Options \"com.docker.network.bridge.name\"}}");
  ASSERT_EQ(shell("ip link delete " + bridge).code, 0) << bridge;
  EXPECT_EQ(gantry({"run", "--rm", "busybox", "ping", "-c", "1", "-W", "5", "172.17.0.1"}).code, 0);
}

TEST_F(Network, a_bridge_keeps_its_mac_address) {
  gantry({"run", "--rm", "busybox", "true"});
  const std::string bridge = inspect("bridge", "{{index .Options \"com.docker.network.bridge.name\"}}");
  const std::string first = shell("cat /sys/class/net/" + bridge + "/address").out;
  // The host's ends of endpoints have random ones, of which a bridge would take the lowest.
  for (int n = 0; n < 4; ++n) {
    gantry({"run", "-d", "busybox", "sleep", "1000"});
    EXPECT_EQ(shell("cat /sys/class/net/" + bridge + "/address").out, first);
  }
  ASSERT_EQ(shell("ip link delete " + bridge).code, 0) << bridge;
  gantry({"run", "--rm", "busybox", "true"});
  EXPECT_EQ(shell("cat /sys/class/net/" + bridge + "/address").out, first);
}

TEST_F(Network, the_users_chain_comes_first_and_stays) {
  const OtherHost other;
  serve("web", {"-p", "8080:80"});
  EXPECT_TRUE(served("http://192.0.2.1:8080", "web"));
  const std::string table = shell("nft list tables | grep -o 'gantry[^ ]*'").out;
  const std::string name = table.substr(0, table.find('\n'));
  ASSERT_EQ(shell("nft add rule inet " + name + " user ip saddr 192.0.2.2 drop").code, 0);
  EXPECT_NE(other.shell("curl -gsS -m 1 http://192.0.2.1:8080").code, 0);
  daemon.terminate();
  daemon.start();
  EXPECT_NE(shell("nft list chain inet " + name + " user").out.find("192.0.2.2"), std::string::npos);
}

} // namespace
} // namespace gantry::test
