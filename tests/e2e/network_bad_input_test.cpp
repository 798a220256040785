// What is refused about networks, and with which words: Docker's where a client could depend on them.
#include <gtest/gtest.h>

#include "support/network_fixture.hpp"

namespace gantry::test {
namespace {

using NetworkBadInput = NetworkFixture;

TEST_F(NetworkBadInput, is_named) {
  ok({"network", "create", "--subnet", "10.5.0.0/24", "lan"});
  ok({"network", "create", "any"});
  idle("app", {"--network", "lan", "--ip", "10.5.0.9"});
  fails({"network", "create", "lan"}, "network with name lan already exists");
  fails({"network", "create", "--subnet", "10.5.0.0/25", "x"},
        "invalid pool request: Pool overlaps with other one on this address space");
  fails({"network", "create", "--subnet", "10.7.0.1/24", "x"}, "invalid subnet 10.7.0.1/24: it should be 10.7.0.0/24");
  fails({"network", "create", "--subnet", "10.7.0/24", "x"}, "invalid subnet 10.7.0/24");
  fails({"network", "create", "-d", "nosuch", "x"}, "plugin \"nosuch\" not found");
  fails({"network", "create", "-o", "com.docker.network.bridge.nosuch=1", "x"}, "unknown network option");
  fails({"network", "create", "-o", "com.docker.network.bridge.name=lo", "x"}, "is not a bridge");
  fails({"network", "create", "bridge"}, "operation is not permitted on predefined bridge network");
  fails({"network", "rm", "bridge"}, "bridge is a pre-defined network and cannot be removed");
  fails({"network", "rm", "nosuch"}, "network nosuch not found");
  fails({"network", "connect", "lan", "app"}, "endpoint with name app already exists in network lan");
  fails({"network", "connect", "nosuch", "app"}, "network nosuch not found");
  fails({"network", "connect", "lan", "nosuch"}, "No such container: nosuch");
  fails({"network", "connect", "host", "app"},
        "cannot connect container to host network - container must be created in host network mode");
  fails({"network", "disconnect", "any", "app"}, "is not connected to network any");
  fails({"run", "--rm", "--network", "lan", "--ip", "10.5.0.9", "busybox", "true"}, "Address already in use");
  fails({"run", "--rm", "--network", "lan", "--ip", "10.6.0.9", "busybox", "true"},
        "no configured subnet or ip-range contain the IP address");
  fails({"run", "--rm", "--network", "any", "--ip", "10.5.0.10", "busybox", "true"},
        "user specified IP address is supported only when connecting to networks with user configured subnets");
  fails({"run", "--rm", "--ip", "172.17.0.9", "busybox", "true"},
        "user specified IP address is supported on user defined networks only");
  fails({"run", "--rm", "--network", "nosuch", "busybox", "true"}, "network nosuch not found");
}

TEST_F(NetworkBadInput, of_ipv6_is_named) {
  ok({"network", "create", "--ipv6", "--subnet", "fd00:1::/64", "six"});
  idle("app", {"--network", "six"});
  const auto create = [](std::vector<std::string> more) {
    more.insert(more.begin(), {"network", "create", "--ipv6"});
    more.emplace_back("x");
    return more;
  };
  const auto run = [](std::vector<std::string> more) {
    more.insert(more.begin(), {"run", "--rm", "--network", "six"});
    for (const char* word : {"busybox", "true"}) more.emplace_back(word);
    return more;
  };
  const struct {
    std::vector<std::string> args;
    const char* text;
  } rows[] = {
      {create({"--subnet", "fd00:1::/80"}), "invalid pool request: Pool overlaps with other one on this address space"},
      {create({"--subnet", "fd00:2::/129"}), "invalid subnet fd00:2::/129: invalid CIDR block notation"},
      {create({"--subnet", "fd00:2::1/64"}), "invalid subnet fd00:2::1/64: it should be fd00:2::/64"},
      {create({"--subnet", "fd00:4::/64", "--gateway", "fd00:5::1"}), "no matching subnet for gateway fd00:5::1"},
      {create({"--subnet", "fd00:4::/64", "--ip-range", "fd00:5::/80"}), "no matching subnet for range fd00:5::/80"},
      {create({"--subnet", "fd00:4::/64", "--aux-address", "a=fd00:5::9"}), "no matching subnet for aux-address fd00:5::9"},
      {create({"--gateway", "fd00::1"}), "every ip-range or gateway must have a corresponding subnet"},
      {create({"--subnet", "fd00:4::/64", "--subnet", "fd00:4::/80"}),
       "multiple overlapping subnet configuration is not supported"},
      {create({"--subnet", "fd00:4::/64", "--subnet", "10.9.0.0/24", "--gateway", "fd00:4::1", "--gateway", "fd00:4::2"}),
       "cannot configure multiple gateways (fd00:4::2, fd00:4::1) on the same subnet (fd00:4::/64)"},
      {run({"--ip6", "fd00:9::9"}), "no configured subnet or ip-range contain the IP address"},
      {run({"--ip6", "zzz"}), "zzz"},
      {run({"--ip6", "10.0.0.1"}), "invalid IPv6 address: 10.0.0.1"},
      {{"network", "connect", "--ip6", "fd00:1::77", "six", "app"}, "endpoint with name app already exists in network six"},
      {run({"-p", "[::1]:8080:80/sctp"}), "cannot publish on ::1"},
      {run({"-p", "[zz]:8080:80"}), "invalid IP address: zz"},
      {run({"-p", "[2001:db8::77]:8080:80"}), "cannot assign requested address"},
      {{"run", "--rm", "-p", "[::]:8080:80/sctp", "busybox", "true"}, "the container has no address of that family"},
  };
  for (const auto& row : rows) fails(row.args, row.text);
}

TEST_F(NetworkBadInput, of_macvlan_and_configuration_networks_is_named) {
  ASSERT_EQ(shell("ip link add host0 type veth peer name host1").code, 0);
  ok({"network", "create", "--config-only", "--subnet", "10.44.0.0/24", "conf"});
  const auto macvlan = [](const std::string& option) {
    return std::vector<std::string>{"network", "create", "-d", "macvlan", "-o", option, "x"};
  };
  const struct {
    std::vector<std::string> args;
    const char* text;
  } rows[] = {
      {macvlan("parent=nosuch"), "invalid subinterface vlan name nosuch, example formatting is eth0.10"},
      {macvlan("parent=lo"), "loopback interface is not a valid macvlan parent link"},
      {macvlan("parent=host0.9999"), "vlan id must be between 1-4094, received: 9999"},
      {macvlan("parent=host0.0"), "vlan id must be between 1-4094, received: 0"},
      {macvlan("parent=host0.x"), "unable to parse a valid vlan id from: x (ex. eth0.10 for vlan 10)"},
      {macvlan("macvlan_mode=nosuch"),
       "requested macvlan mode 'nosuch' is not valid, 'bridge' mode is the macvlan driver default"},
      {macvlan("bogus=1"), "unknown network option bogus of the macvlan driver"},
      {{"network", "create", "-d", "ipvlan", "-o", "parent=host0", "x"}, "plugin \"ipvlan\" not found"},
      {{"network", "create", "--config-from", "conf", "--ipv6", "x"},
       "user specified configurations are not supported if the network depends on a configuration network"},
      {{"network", "create", "--config-from", "conf", "-o", "com.docker.network.driver.mtu=1400", "x"},
       "network driver options are not supported if the network depends on a configuration network"},
      {{"network", "create", "--config-from", "nosuch", "x"}, "configuration network \"nosuch\" does not exist"},
  };
  for (const auto& row : rows) fails(row.args, row.text);
  ok({"network", "create", "--config-from", "conf", "made"});
  shell("ip link delete host0");
}

} // namespace
} // namespace gantry::test
