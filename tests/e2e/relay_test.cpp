// Ports at [::] and [::1] of containers that IPv6 does not reach: gantry-relay, as everybody sees it.
#include <gtest/gtest.h>

#include "support/network_fixture.hpp"

namespace gantry::test {
namespace {

class Relay : public NetworkFixture {
 protected:
  explicit Relay(std::vector<std::string> flags = {}) : NetworkFixture(std::move(flags)) {}
  /// The process ids of the relays of this network namespace, with blanks.
  static std::string relays() {
    return shell(
               "for p in /proc/[0-9]*; do [ \"$(cat $p/comm 2>/dev/null)\" = gantry-relay ] && [ \"$(readlink $p/ns/net)\" = "
               "\"$(readlink /proc/self/ns/net)\" ] && echo -n \"${p#/proc/} \"; done; true")
        .out;
  }
  /// Where nftables sends packets to it; empty: nowhere.
  static std::string relay_port() {
    return shell("nft list ruleset | grep -o -m 1 'tproxy.*' | grep -o '[0-9]* accept' | tr -dc 0-9").out;
  }
  static void kill_relay() {
    const std::string before = relays();
    ASSERT_NE(before, "");
    shell("kill -9 " + before);
  }
  /// A container that sends back what it gets, by TCP at port 7 and by UDP at 7000.
  void echo(const std::string& name, const std::vector<std::string>& options) {
    idle(name, options);
    servers.push_back(std::make_unique<Command>(
        std::vector<std::string>{"nsenter", "-t", inspect(name, "{{.State.Pid}}"), "-n", "python3", "-c",
                                 "import socket, socketserver, threading\n"
                                 "class Echo(socketserver.BaseRequestHandler):\n"
                                 "    def handle(self):\n"
                                 "        while data := self.request.recv(65536): self.request.sendall(data)\n"
                                 "tcp = socketserver.ThreadingTCPServer(('0.0.0.0', 7), Echo)\n"
                                 "s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)\ns.bind(('0.0.0.0', 7000))\n"
                                 "threading.Thread(target=tcp.serve_forever, daemon=True).start()\nprint('ready', flush=True)\n"
                                 "while True: s.sendto(*s.recvfrom(65535))"},
        CommandOptions{"", {}, std::chrono::seconds(600)}));
    ASSERT_TRUE(servers.back()->wait_for_output("ready"));
  }
  /// What comes back of datagrams of these sizes, sent to the port one after the other.
  static std::string udp_client(const std::string& address, const std::string& port, const std::string& sizes) {
    return "python3 -c 'import socket\ns = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)\ns.settimeout(1)\nfor size in [" +
           sizes + "]:\n    s.sendto(b\"a\" * size, (\"" + address + "\", " + port +
           "))\n    d, f = s.recvfrom(65535)\n    print(len(d), f[1])'";
  }
  void TearDown() override {
    servers.clear();
    NetworkFixture::TearDown();
  }
  std::vector<std::unique_ptr<Command>> servers;
};

TEST_F(Relay, leads_every_ipv6_address_of_the_host_to_a_container_without_one) {
  const OtherHost other;
  serve("web", {"-p", "8080:80"});
  for (const char* place : {"127.0.0.1", "192.0.2.1", "[::1]", "[2001:db8::1]", "localhost"})
    EXPECT_TRUE(served(std::string("http://") + place + ":8080", "web")) << place;
  EXPECT_EQ(other.shell("curl -gsS -m 5 'http://[2001:db8::1]:8080'").out, "web\n");
  const std::string cable = shell("ip -6 -o address show dev cable scope link | grep -o 'fe80[^/]*' | tr -d '\\n'").out;
  EXPECT_TRUE(eventually([&] { return other.shell("curl -gsS -m 5 'http://[" + cable + "%25eth0]:8080'").out == "web\n"; }))
      << cable;
  EXPECT_TRUE(refused("http://[::1]:8081"));
  // Other containers have the rights that they have by IPv4.
  ok({"network", "create", "--ipv6", "--subnet", "fd00:6::/64", "six"});
  EXPECT_EQ(gantry({"run", "--rm", "--network", "six", "busybox", "wget", "-q", "-O", "-", "http://[fd00:6::1]:8080"}).out,
            "web\n");
  // For programs of the host the port is taken.
  EXPECT_NE(
      shell("python3 -c 'import socket; socket.create_server((\"::\", 8080), family=socket.AF_INET6)' 2>&1").out.find("in use"),
      std::string::npos);
  ok({"rm", "-f", "web"});
  EXPECT_TRUE(refused("http://[::1]:8080"));
}

TEST_F(Relay, carries_both_directions_to_their_ends) {
  echo("echo", {"-p", "7:7", "-p", "7000:7000/udp"});
  const std::string client =
      "python3 -c 'import socket, threading\ns = socket.create_connection((\"::1\", 7))\ndata = bytes(range(256)) * 40000\n"
      "threading.Thread(target=lambda: (s.sendall(data), s.shutdown(socket.SHUT_WR))).start()\n"
      "print(b\"\".join(iter(lambda: s.recv(65536), b\"\")) == data)'";
  EXPECT_EQ(shell(client).out, "True\n");
  // A datagram's answer comes from where it was sent to.
  EXPECT_EQ(shell(udp_client("::1", "7000", "5, 9000, 65000, 1")).out, "5 7000\n9000 7000\n65000 7000\n1 7000\n");
  const OtherHost other;
  EXPECT_EQ(other.shell(udp_client("2001:db8::1", "7000", "5, 9000")).out, "5 7000\n9000 7000\n");
  // Nobody at the container's port: told at once.
  ok({"update", "--publish-add", "8:8", "echo"});
  EXPECT_NE(shell("curl -gsS -m 5 'http://[::1]:8'").code, 28);
  ok({"update", "--publish-rm", "7000/udp", "echo"});
  EXPECT_NE(shell(udp_client("::1", "7000", "5")).code, 0);
}

TEST_F(Relay, what_is_published_at_the_ipv6_loopback_is_for_the_host_itself) {
  const OtherHost other;
  serve("web", {"-p", "[::1]:8080:80", "-p", "[2001:db8::1]:8081:80", "-p", "[::]:8082:80"});
  EXPECT_EQ(gantry({"port", "web"}).out, "80/tcp -> [2001:db8::1]:8081\n80/tcp -> [::1]:8080\n80/tcp -> [::]:8082\n");
  for (const char* place : {"[::1]:8080", "[2001:db8::1]:8081", "[::1]:8082"})
    EXPECT_TRUE(served(std::string("http://") + place, "web")) << place;
  EXPECT_TRUE(refused("http://127.0.0.1:8080"));
  EXPECT_TRUE(refused("http://[::1]:8081"));
  EXPECT_EQ(other.shell("curl -gsS -m 2 'http://[2001:db8::1]:8080'").code, 7);
  EXPECT_EQ(other.shell("curl -gsS -m 2 'http://[2001:db8::1]:8081'").out, "web\n");
  fails({"run", "--rm", "-p", "[::1]:8082:80", "busybox", "true"}, "Bind for [::1]:8082 failed: port is already allocated");
  fails({"run", "--rm", "-p", "[2001:db8::9]:8083:80", "busybox", "true"}, "cannot assign requested address");
  Command server(
      {"python3", "-c", "import socket; s = socket.create_server((\"::1\", 8084), family=socket.AF_INET6); s.accept()"},
      CommandOptions{"", {}, std::chrono::seconds(60)});
  ASSERT_TRUE(eventually([] { return shell("grep -qi ':1f94 ' /proc/net/tcp6").code == 0; }));
  fails({"run", "--rm", "-p", "8084:80", "busybox", "true"},
        "failed to bind host port for [::]:8084/tcp: address already in use");
}

TEST_F(Relay, answers_at_the_ipv6_loopback_for_containers_with_ipv6) {
  ok({"network", "create", "--ipv6", "--subnet", "fd00:6::/64", "six"});
  serve("web", {"--network", "six", "-p", "8080:80", "-p", "[::1]:8081:80"});
  for (const char* port : {"8080", "8081"}) EXPECT_TRUE(served(std::string("http://[::1]:") + port, "web")) << port;
}

TEST_F(Relay, survives_whoever_dies) {
  serve("web", {"-p", "8080:80"});
  EXPECT_TRUE(served("http://[::1]:8080", "web"));
  const std::string first = relays();
  daemon.kill();
  EXPECT_EQ(fetch("http://[::1]:8080"), "web\n");
  daemon.start();
  EXPECT_EQ(fetch("http://[::1]:8080"), "web\n");
  EXPECT_EQ(relays(), first);
  kill_relay();
  EXPECT_TRUE(served("http://[::1]:8080", "web"));
  EXPECT_NE(relays(), first);
  daemon.kill();
  kill_relay();
  EXPECT_TRUE(eventually([] { return relays().empty(); }));
  EXPECT_EQ(fetch("http://127.0.0.1:8080"), "web\n");
  daemon.start();
  EXPECT_TRUE(served("http://[::1]:8080", "web"));
  shell("nft flush ruleset");
  EXPECT_TRUE(served("http://[::1]:8080", "web"));
  // What ended while no daemon ran leads nowhere afterwards.
  const std::string pid = inspect("web", "{{.State.Pid}}");
  daemon.kill();
  ASSERT_EQ(shell("kill -9 " + pid).code, 0);
  daemon.start();
  ok({"rm", "-f", "web"});
  EXPECT_TRUE(refused("http://[::1]:8080"));
}

TEST_F(Relay, is_there_only_where_it_is_needed) {
  serve("local", {"-p", "127.0.0.1:8080:80"});
  EXPECT_TRUE(served("http://127.0.0.1:8080", "local"));
  EXPECT_EQ(relays(), "");
  serve("web", {"-p", "8081:80"});
  EXPECT_NE(relays(), "");
  ok({"rm", "-f", "web", "local"});
  daemon.terminate();
  EXPECT_TRUE(eventually([] { return relays().empty(); }));
}

TEST_F(Relay, a_range_is_one_element_and_one_route) {
  start("web", {"-p", "30000-39999:30000-39999"},
        "mkdir /w; echo web >/w/index.html; for p in 30000 35000; do httpd -h /w -p $p; done; exec httpd -f -h /w -p 39999");
  for (const char* port : {"30000", "35000", "39999"}) EXPECT_TRUE(served(std::string("http://[::1]:") + port, "web")) << port;
  EXPECT_EQ(shell("nft list ruleset | grep -A 4 'set relay_any_ranges' | grep -c 30000-39999").out, "1\n");
  ok({"update", "--publish-rm", "35000:35000", "web"});
  EXPECT_TRUE(refused("http://[::1]:35000"));
  EXPECT_TRUE(served("http://[::1]:39999", "web"));
}

TEST_F(Relay, a_network_may_have_an_address_of_its_own_for_ports) {
  ok({"network", "create", "-o", "com.docker.network.bridge.host_binding_ipv4=127.0.0.1", "lan"});
  serve("web", {"--network", "lan", "-p", "8080:80"});
  EXPECT_EQ(gantry({"port", "web"}).out, "80/tcp -> 127.0.0.1:8080\n");
  ok({"update", "--publish-add", "8081:80", "--publish-add", "0.0.0.0:8082:80", "web"});
  EXPECT_EQ(gantry({"port", "web"}).out, "80/tcp -> 0.0.0.0:8082\n80/tcp -> 127.0.0.1:8080\n80/tcp -> 127.0.0.1:8081\n");
  EXPECT_EQ(relays(), "");
}

TEST_F(Relay, has_no_port_that_somebody_wants) {
  const OtherHost other;
  serve("web", {"-p", "8080:80"});
  EXPECT_TRUE(served("http://[::1]:8080", "web"));
  const std::string port = relay_port();
  EXPECT_NE(port, "");
  serve("taker", {"-p", port + ":80"});
  EXPECT_TRUE(served("http://[::1]:" + port, "taker"));
  EXPECT_TRUE(served("http://[::1]:8080", "web"));
  // Also where the kernel leads there by itself.
  ok({"network", "create", "--ipv6", "--subnet", "fd00:6::/64", "six"});
  const std::string next = relay_port();
  serve("direct", {"--network", "six", "-p", "[2001:db8::1]:" + next + ":80"});
  EXPECT_NE(relay_port(), next);
  EXPECT_TRUE(served("http://[2001:db8::1]:" + next, "direct"));
  EXPECT_TRUE(served("http://[::1]:8080", "web"));
}

TEST_F(Relay, leaves_its_port_to_others_when_it_is_gone) {
  serve("web", {"-p", "8080:80"});
  EXPECT_NE(relay_port(), "");
  const std::string pid = inspect("web", "{{.State.Pid}}");
  daemon.kill();
  ASSERT_EQ(shell("kill -9 " + pid).code, 0);
  daemon.start();
  EXPECT_TRUE(eventually([] { return relay_port().empty() && relays().empty(); })) << relay_port() << relays();
  serve("next", {"-p", "8081:80"});
  EXPECT_TRUE(served("http://[::1]:8081", "next"));
  ok({"rm", "-f", "next"});
  kill_relay();
  EXPECT_TRUE(eventually([] { return relay_port().empty(); }));
}

TEST_F(Relay, is_replaced_when_it_hangs) {
  serve("web", {"-p", "8080:80"});
  const std::string first = relays();
  shell("kill -STOP " + first);
  serve("other", {"-p", "8081:80"});
  EXPECT_TRUE(served("http://[::1]:8080", "web"));
  EXPECT_TRUE(served("http://[::1]:8081", "other"));
  shell("kill -9 " + first);
}

TEST_F(Relay, rules_of_the_users_chain_are_asked) {
  const OtherHost other;
  serve("web", {"-p", "8080:80"});
  const std::string fetch_it = "curl -gsS -m 2 'http://[2001:db8::1]:8080'";
  EXPECT_TRUE(eventually([&] { return other.shell(fetch_it).out == "web\n"; }));
  shell("nft add rule inet $(nft list tables inet | awk '{print $3}') user ip6 saddr 2001:db8::2 drop");
  EXPECT_NE(other.shell(fetch_it).code, 0);
  EXPECT_TRUE(served("http://[::1]:8080", "web"));
}

TEST_F(Relay, whoever_claims_to_be_the_host_is_not_listened_to) {
  const OtherHost other;
  idle("ear", {"-p", "7000:7000/udp"});
  Command ear({"nsenter", "-t", inspect("ear", "{{.State.Pid}}"), "-n", "python3", "-c",
               "import socket\ns = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)\ns.bind(('0.0.0.0', 7000))\n"
               "print('ready', flush=True)\nd = b''\nwhile d != b'own':\n    d = s.recv(99)\n    print(d.decode(), flush=True)"});
  ASSERT_TRUE(ear.wait_for_output("ready"));
  const std::string send =
      "python3 -c 'import socket, struct, sys\n"
      "a, b = (socket.inet_pton(socket.AF_INET6, x) for x in (sys.argv[1], \"2001:db8::1\"))\ntext = sys.argv[2].encode()\n"
      "udp = lambda c: struct.pack(\"!HHHH\", 5000, 7000, 8 + len(text), c) + text\n"
      "whole = a + b + struct.pack(\"!II\", 8 + len(text), 17) + udp(0) + bytes(len(text) % 2)\n"
      "n = sum(struct.unpack(\"!%dH\" % (len(whole) // 2), whole))\nn = (n & 65535) + (n >> 16)\nn = (n & 65535) + (n >> 16)\n"
      "ip = struct.pack(\"!IHBB\", 6 << 28, 8 + len(text), 17, 64) + a + b\n"
      "s = socket.socket(socket.AF_INET6, socket.SOCK_RAW, socket.IPPROTO_RAW)\n"
      "s.sendto(ip + udp(65535 - n), (\"2001:db8::1\", 0))' ";
  ASSERT_EQ(other.shell(send + "2001:db8::1 forged").code, 0);
  ASSERT_EQ(other.shell(send + "2001:db8::2 own").code, 0);
  EXPECT_EQ(ear.finish().out, "ready\nown\n");
}

TEST_F(Relay, lets_nobody_around_a_policy_or_out_of_an_internal_network) {
  const OtherHost other;
  serve("web", {"-p", "8080:80"});
  EXPECT_TRUE(served("http://[2001:db8::1]:8080", "web"));
  ok({"network", "create", "--ipv6", "--subnet", "fd00:6::/64", "six"});
  ok({"network", "create", "--ipv6", "--subnet", "fd00:7::/64", "--internal", "inside"});
  ok({"network", "create", "--ipv6", "--subnet", "fd00:8::/64", "--egress", "[2001:db8::/64]", "--egress", "[fd00:8::1]",
      "strict"});
  idle("free", {"--network", "six"});
  idle("shut", {"--network", "six", "--egress", "none"});
  idle("some", {"--network", "six", "--egress", "[2001:db8::1]:8080/tcp", "--egress", "[fd00:6::1]"});
  idle("kept", {"--network", "inside"});
  idle("bound", {"--network", "strict"});
  const auto reached = [&](const std::string& name) {
    return in(name,
              "for a in 2001:db8::1 fd00:6::1 fd00:7::1 fd00:8::1; do timeout 3 wget -q -O - http://[$a]:8080 2>/dev/null; done");
  };
  EXPECT_EQ(reached("free"), "web\nweb\nweb\nweb\n");
  const auto nobody_else = [&] {
    for (const char* name : {"shut", "some", "kept", "bound"}) EXPECT_EQ(reached(name), "") << name;
  };
  nobody_else();
  daemon.kill();
  daemon.start();
  nobody_else();
  kill_relay();
  EXPECT_TRUE(eventually([&] { return reached("free") == "web\nweb\nweb\nweb\n"; }));
  nobody_else();
}

TEST_F(Relay, is_not_promised_on_a_host_without_ipv6) {
  shell("echo 1 >/proc/sys/net/ipv6/conf/lo/disable_ipv6");
  serve("web", {"-p", "8080:80"});
  EXPECT_EQ(gantry({"port", "web"}).out, "80/tcp -> 0.0.0.0:8080\n");
  EXPECT_EQ(inspect("web", "{{json .NetworkSettings.Ports}}"), R"({"80/tcp":[{"HostIp":"0.0.0.0","HostPort":"8080"}]})");
  fails({"run", "--rm", "-p", "[::]:8081:80", "busybox", "true"}, "cannot publish on ::");
  EXPECT_EQ(relays(), "");
  shell("echo 0 >/proc/sys/net/ipv6/conf/lo/disable_ipv6");
  ok({"restart", "-t", "0", "web"});
  EXPECT_EQ(gantry({"port", "web"}).out, "80/tcp -> 0.0.0.0:8080\n80/tcp -> [::]:8080\n");
  // Nor by a daemon that finds its containers there.
  daemon.kill();
  kill_relay();
  shell("echo 1 >/proc/sys/net/ipv6/conf/lo/disable_ipv6");
  daemon.start();
  EXPECT_EQ(gantry({"port", "web"}).out, "80/tcp -> 0.0.0.0:8080\n");
}

class RelayBehindAFirewall : public Relay {
 protected:
  RelayBehindAFirewall() : Relay({"--respect-host-firewall"}) {}
};

TEST_F(RelayBehindAFirewall, input_rules_of_the_host_see_what_was_asked_for) {
  const OtherHost other;
  serve("web", {"-p", "8080:80", "-p", "8081:80"});
  shell(
      "nft 'add table inet ufw; add chain inet ufw input { type filter hook input priority 0; policy drop; }; add rule inet ufw "
      "input ct state established accept; add rule inet ufw input meta l4proto ipv6-icmp accept; add rule inet ufw input iif lo "
      "accept; add rule inet ufw input tcp dport 8080 accept'");
  EXPECT_TRUE(eventually([&] { return other.shell("curl -gsS -m 2 'http://[2001:db8::1]:8080'").out == "web\n"; }));
  EXPECT_NE(other.shell("curl -gsS -m 2 'http://[2001:db8::1]:8081'").code, 0);
  EXPECT_TRUE(served("http://[::1]:8081", "web"));
}

} // namespace
} // namespace gantry::test
