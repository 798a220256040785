// Networks that users make: names, addresses, connect and disconnect, what goes wrong; with the gantry and docker CLIs.
#include <gtest/gtest.h>

#include <sstream>

#include "support/network_fixture.hpp"

namespace gantry::test {
namespace {

class Networks : public NetworkFixture {
 protected:
  /// The addresses that a name has for a container, sorted.
  std::string resolve(const std::string& container, const std::string& name) {
    return in(container,
              "nslookup -type=a " + name +
                  " 127.0.0.11 2>/dev/null | sed -n '/^Name/,$p' | sed -n 's/^Address[ 0-9]*: *//p' | sort | tr '\\n' ' '");
  }
};

TEST_F(Networks, containers_find_each_other_by_all_their_names) {
  ok({"network", "create", "lan"});
  idle("db", {"--network", "lan", "--network-alias", "store", "--hostname", "dbhost"});
  idle("app", {"--network", "lan", "--network-alias", "store"});
  const std::string db = inspect("db", "{{.NetworkSettings.Networks.lan.IPAddress}}");
  for (const std::string& name :
       {std::string("db"), std::string("DB"), std::string("db.lan"), std::string("dbhost"), inspect("db", "{{slice .Id 0 12}}")})
    EXPECT_EQ(resolve("app", name), db + " ") << name;
  std::istringstream both(resolve("app", "store"));
  std::string first, second;
  EXPECT_TRUE(both >> first >> second) << both.str();
  EXPECT_EQ(in("app", "ping -c 1 -W 5 db >/dev/null && echo fine"), "fine\n");
  EXPECT_NE(in("app", "nslookup " + db + " 127.0.0.11").find("db.lan"), std::string::npos) << in("app", "nslookup " + db);
  EXPECT_EQ(in("app", "cat /etc/resolv.conf | grep nameserver"), "nameserver 127.0.0.11\n");
  ok({"rename", "db", "base"});
  EXPECT_EQ(resolve("app", "base"), db + " ");
  EXPECT_EQ(resolve("app", "db"), "");
  ok({"rm", "-f", "base"});
  EXPECT_EQ(resolve("app", "base"), "");
}

TEST_F(Networks, names_are_answered_while_the_daemon_is_down_and_after_gantry_dns_died) {
  ok({"network", "create", "lan"});
  idle("db", {"--network", "lan"});
  idle("app", {"--network", "lan"});
  const std::string ip = inspect("db", "{{.NetworkSettings.Networks.lan.IPAddress}}"), pid = inspect("app", "{{.State.Pid}}");
  const std::string ask = "nsenter -t " + pid + " -n dig +short +time=2 +tries=1 db @127.0.0.11";
  EXPECT_NE(shell(ask).out.find(ip), std::string::npos) << shell(ask).out;
  daemon.kill();
  EXPECT_NE(shell(ask).out.find(ip), std::string::npos);
  daemon.start();
  EXPECT_NE(shell(ask).out.find(ip), std::string::npos);
  const std::string socket = daemon.exec_root() + "/plugins/dns.sock";
  ASSERT_EQ(shell("for p in /proc/[0-9]*; do tr '\\0' ' ' <$p/cmdline 2>/dev/null | grep -q 'gantry-[d]ns " + socket +
                  "' && kill -9 ${p#/proc/} && exit 0; done; exit 1")
                .code,
            0);
  EXPECT_TRUE(eventually([&] { return shell(ask).out.find(ip) != std::string::npos; })) << shell(ask).out;
}

TEST_F(Networks, other_names_are_asked_of_the_hosts_servers_with_fail_over) {
  ok({"network", "create", "lan"});
  // A server that says 203.0.113.7 to everything, on another host.
  const OtherHost other;
  Command server(other.argv("exec python3 -c 'import socket\ns = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)\n"
                            "s.bind((\"192.0.2.2\", 53))\nwhile True:\n q, who = s.recvfrom(512)\n"
                            " end = q.index(0, 12) + 5\n"
                            " s.sendto(q[:2] + bytes([0x81, 0x80, 0, 1, 0, 1, 0, 0, 0, 0]) + q[12:end] + "
                            "bytes([0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 9, 0, 4, 203, 0, 113, 7]), who)'"),
                 CommandOptions{"", {}, std::chrono::seconds(120)});
  idle("app", {"--network", "lan", "--dns", "192.0.2.77", "--dns", "192.0.2.2"});
  EXPECT_TRUE(eventually([&] { return resolve("app", "outside.test") == "203.0.113.7 "; }, std::chrono::seconds(60)))
      << resolve("app", "outside.test");
}

TEST_F(Networks, are_inspected_and_listed_as_in_docker) {
  ok({"network", "create", "--subnet", "10.5.0.0/24", "--gateway", "10.5.0.254", "--ip-range", "10.5.0.128/25", "--label", "a=b",
      "lan"});
  idle("app", {"--network", "lan"});
  EXPECT_EQ(
      daemon
          .docker({"network", "inspect", "-f",
                   "{{(index .IPAM.Config 0).Subnet}} {{(index .IPAM.Config 0).Gateway}} {{.Driver}} {{.Scope}} {{.Labels.a}}",
                   "lan"})
          .out,
      "10.5.0.0/24 10.5.0.254 bridge local b\n");
  EXPECT_EQ(daemon.docker({"network", "inspect", "-f", "{{range .Containers}}{{.Name}} {{.IPv4Address}}{{end}}", "lan"}).out,
            "app 10.5.0.128/24\n");
  const std::string list = daemon.docker({"network", "ls", "--format", "{{.Name}} {{.Driver}}"}).out;
  EXPECT_EQ(list, "bridge bridge\nhost host\nlan bridge\nnone null\n");
  EXPECT_EQ(gantry({"network", "ls", "--format", "{{.Name}} {{.Driver}}"}).out, list);
  EXPECT_EQ(gantry({"network", "ls", "-q", "-f", "label=a"}).out, gantry({"network", "ls", "-q", "-f", "name=lan"}).out);
  EXPECT_EQ(gantry({"network", "ls", "-f", "type=custom", "--format", "{{.Name}}"}).out, "lan\n");
  fails({"network", "rm", "lan"}, "has active endpoints");
  ok({"stop", "-t", "0", "app"});
  // As in Docker, it is not kept for a container that is stopped.
  EXPECT_EQ(gantry({"network", "prune", "-f"}).out, "Deleted Networks:\nlan\n\n");
  fails({"start", "app"}, "network lan not found");
}

TEST_F(Networks, are_connected_and_disconnected_while_containers_run) {
  ok({"network", "create", "--subnet", "10.5.0.0/24", "lan"});
  ok({"network", "create", "--subnet", "10.6.0.0/24", "wan"});
  idle("db", {"--network", "wan"});
  idle("app", {"--network", "lan"});
  EXPECT_EQ(resolve("app", "db"), "");
  ok({"network", "connect", "--ip", "10.6.0.77", "--alias", "front", "wan", "app"});
  EXPECT_EQ(in("app", "ip -o -4 address show eth1 | awk '{print $4}'"), "10.6.0.77/24\n");
  EXPECT_EQ(resolve("app", "db"), "10.6.0.2 ");
  EXPECT_EQ(resolve("db", "front"), "10.6.0.77 ");
  EXPECT_EQ(in("app", "grep -cF 10.6.0.77 /etc/hosts"), "1\n");
  EXPECT_EQ(in("app", "ip route | head -1"), "default via 10.5.0.1 dev eth0 \n") << "lan sorts before wan";
  ok({"network", "disconnect", "lan", "app"});
  EXPECT_EQ(in("app", "ip route | head -1"), "default via 10.6.0.1 dev eth1 \n");
  EXPECT_EQ(in("app", "ip link show eth0 2>&1 | grep -c 'find device'"), "1\n");
  EXPECT_EQ(in("app", "grep -cF 10.5.0. /etc/hosts"), "0\n");
  ok({"restart", "-t", "0", "app"});
  EXPECT_EQ(in("app", "ip -o -4 address show eth0 | awk '{print $4}'"), "10.6.0.77/24\n");
}

TEST_F(Networks, priority_chooses_the_default_gateway) {
  ok({"network", "create", "--subnet", "10.5.0.0/24", "aaa"});
  ok({"network", "create", "--subnet", "10.6.0.0/24", "zzz"});
  idle("app", {"--network", "aaa", "--network", "name=zzz,gw-priority=10"});
  EXPECT_EQ(in("app", "ip route | head -1 | cut -d' ' -f3"), "10.6.0.1\n");
  ok({"network", "disconnect", "zzz", "app"});
  EXPECT_EQ(in("app", "ip route | head -1 | cut -d' ' -f3"), "10.5.0.1\n");
}

TEST_F(Networks, interfaces_are_called_as_the_user_says) {
  ok({"network", "create", "n1"});
  ok({"network", "create", "n2"});
  const auto named = [](const std::string& network, const std::string& name) {
    return "name=" + network + ",driver-opt=com.docker.network.endpoint.ifname=" + name;
  };
  idle("web", {"--network", named("n1", "lan0")});
  EXPECT_EQ(in("web", "ls /sys/class/net | tr '\\n' ' '"), "lan0 lo ");
  ok({"network", "connect", "n2", "web"});
  EXPECT_EQ(in("web", "ls /sys/class/net | tr '\\n' ' '"), "eth0 lan0 lo ");
  const Output o = daemon.docker({"run", "--rm", "--network", named("n1", "eth0"), "busybox", "ls", "/sys/class/net"});
  EXPECT_EQ(o.out, "eth0\nlo\n") << o.err;
  for (const std::string name : {"lo", "a/b", "sixteen_letters_"}) {
    const Output refused = daemon.docker({"run", "--rm", "--network", named("n1", name), "busybox", "true"});
    EXPECT_EQ(refused.code, 125) << name;
    EXPECT_NE(refused.err.find("invalid name of the interface in network n1: " + name), std::string::npos) << refused.err;
  }
}

TEST_F(Networks, do_not_reach_each_other) {
  ok({"network", "create", "one"});
  ok({"network", "create", "two"});
  idle("app", {"--network", "one"});
  const std::string ip = inspect("app", "{{.NetworkSettings.Networks.one.IPAddress}}");
  EXPECT_EQ(gantry({"run", "--rm", "--network", "one", "busybox", "ping", "-c", "1", "-W", "5", ip}).code, 0);
  EXPECT_NE(gantry({"run", "--rm", "--network", "two", "busybox", "ping", "-c", "1", "-W", "1", ip}).code, 0);
}

TEST_F(Networks, that_are_internal_let_nothing_out) {
  const OtherHost other;
  ok({"network", "create", "--internal", "in"});
  idle("app", {"--network", "in"});
  idle("next", {"--network", "in"});
  EXPECT_EQ(in("app", "ping -c 1 -W 5 next >/dev/null && echo fine"), "fine\n");
  EXPECT_NE(gantry({"exec", "app", "ping", "-c", "1", "-W", "1", "192.0.2.2"}).code, 0);
}

TEST_F(Networks, without_icc_keep_their_containers_apart) {
  ok({"network", "create", "-o", "com.docker.network.bridge.enable_icc=false", "apart"});
  idle("one", {"--network", "apart"});
  idle("two", {"--network", "apart"});
  const std::string gateway = gantry({"network", "inspect", "-f", "{{(index .IPAM.Config 0).Gateway}}", "apart"}).out;
  EXPECT_NE(gantry({"exec", "one", "ping", "-c", "1", "-W", "1", "two"}).code, 0);
  EXPECT_EQ(gantry({"exec", "one", "ping", "-c", "1", "-W", "5", gateway.substr(0, gateway.find('\n'))}).code, 0);
}

TEST_F(Networks, have_two_families) {
  const OtherHost other;
  ok({"network", "create", "--ipv6", "--subnet", "fd00:5::/64", "six"});
  serve("web", {"--network", "six", "-p", "8080:80"});
  EXPECT_EQ(inspect("web", "{{.NetworkSettings.Networks.six.GlobalIPv6Address}}"), "fd00:5::2");
  EXPECT_EQ(gantry({"port", "web"}).out, "80/tcp -> 0.0.0.0:8080\n80/tcp -> [::]:8080\n");
  EXPECT_TRUE(eventually([&] { return other.shell("curl -gsS -m 5 http://192.0.2.1:8080").out == "web\n"; }));
  EXPECT_EQ(other.shell("curl -gsS -m 5 'http://[2001:db8::1]:8080'").out, "web\n");
  EXPECT_EQ(fetch("'http://[2001:db8::1]:8080'"), "web\n");
  EXPECT_EQ(fetch("'http://[::1]:8080'"), "web\n");
  EXPECT_EQ(fetch("http://localhost:8080"), "web\n");
  fails({"run", "--rm", "--network", "six", "-p", "[::1]:8081:80/sctp", "busybox", "true"}, "cannot publish on ::1");
  EXPECT_EQ(gantry({"run", "--rm", "--network", "six", "busybox", "ping", "-6", "-c", "1", "-W", "5", "web"}).code, 0);
}

TEST_F(Networks, run_out_of_addresses_with_a_sentence) {
  ok({"network", "create", "--subnet", "10.8.0.0/30", "tiny"});
  idle("one", {"--network", "tiny"});
  fails({"run", "--name", "two", "--network", "tiny", "busybox", "true"},
        "no available IPv4 addresses on this network's address pools: tiny");
  ok({"rm", "-f", "one"});
  ok({"start", "two"});
}

TEST_F(Networks, leave_nothing_behind) {
  ok({"run", "--rm", "busybox", "true"});
  ASSERT_TRUE(eventually([] { return shell("ip -o link show type veth").out.empty(); }));
  const std::string before = network_state();
  ok({"network", "create", "--ipv6", "lan"});
  ok({"network", "create", "--internal", "in"});
  idle("app", {"--network", "lan", "-p", "8080:80"});
  ok({"network", "connect", "in", "app"});
  daemon.kill();
  daemon.start();
  ok({"network", "disconnect", "lan", "app"});
  ok({"rm", "-f", "app"});
  ok({"network", "rm", "lan", "in"});
  EXPECT_TRUE(eventually([&] { return network_state() == before; })) << network_state() << "\nbefore:\n" << before;
}

TEST_F(Networks, tell_what_happens) {
  Command events(
      daemon.gantry_argv({"events", "--format", "{{.Type}} {{.Action}} {{.Actor.Attributes.name}}", "--filter", "type=network"}),
      daemon.client());
  ASSERT_TRUE(eventually([&] {
    gantry({"network", "create", "probe"});
    gantry({"network", "rm", "probe"});
    return events.wait_for_output("network destroy probe", std::chrono::seconds(1));
  }));
  ok({"network", "create", "lan"});
  ok({"run", "--rm", "--network", "lan", "busybox", "true"});
  ok({"network", "rm", "lan"});
  ASSERT_TRUE(events.wait_for_output("network destroy lan"));
  events.signal(SIGTERM);
  const std::string out = events.finish().out;
  const std::string wanted = "network create lan\nnetwork connect lan\nnetwork disconnect lan\nnetwork destroy lan\n";
  EXPECT_NE(out.find(wanted), std::string::npos) << out;
}

TEST_F(Networks, a_program_that_is_missing_is_the_error_whatever_the_network) {
  ok({"network", "create", "lan"});
  for (const char* network : {"bridge", "lan", "none", "host"}) {
    // Whether its init ends before or after the network is there is a race, which both have to win.
    for (int i = 0; i < 5; ++i) {
      const Output o = gantry({"run", "--rm", "--network", network, "busybox", "/missing"});
      EXPECT_EQ(o.code, 127) << network;
      EXPECT_NE(o.err.find("OCI runtime create failed: runc create failed: unable to start container process: "),
                std::string::npos)
          << o.err;
      EXPECT_NE(o.err.find("exec: \"/missing\": stat /missing: no such file or directory"), std::string::npos) << o.err;
    }
  }
}

} // namespace
} // namespace gantry::test
