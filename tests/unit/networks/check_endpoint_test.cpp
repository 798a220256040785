#include "networks/check_endpoint.hpp"

#include <gtest/gtest.h>

#include "base/error.hpp"

namespace gantry::networks {
namespace {

std::string complaints(const Network* network, const std::string& name, const EndpointSettings& settings) {
  try {
    check_endpoint(network, name, settings);
  } catch (const Error& e) {
    EXPECT_EQ(e.code(), Code::invalid);
    return e.what();
  }
  return "";
}

Network lan() {
  Network network;
  network.name = "lan";
  network.pools = {{"10.5.0.0/24", "", "10.5.0.1", {}}};
  return network;
}

EndpointSettings at(const std::string& ipv4, const std::string& ipv6 = "") {
  EndpointSettings settings;
  settings.ipv4_address = ipv4;
  settings.ipv6_address = ipv6;
  return settings;
}

const std::string title = "invalid endpoint settings:\n";
const std::string nowhere = "no configured subnet or ip-range contain the IP address ";
const std::string not_the_users =
    "user specified IP address is supported only when connecting to networks with user configured subnets";

TEST(CheckEndpoint, lets_pass_what_can_be) {
  const Network network = lan();
  EXPECT_EQ(complaints(&network, "lan", {}), "");
  EXPECT_EQ(complaints(&network, "lan", at("10.5.0.9")), "");
  EXPECT_EQ(complaints(nullptr, "later", at("10.9.9.9")), "") << "its subnets are known when it is there";
}

TEST(CheckEndpoint, tells_what_cannot_be) {
  const Network network = lan();
  EXPECT_EQ(complaints(&network, "lan", at("10.6.0.9")), title + nowhere + "10.6.0.9");
  EXPECT_EQ(complaints(&network, "lan", at("x")), title + "* invalid IPv4 address: x\n* " + nowhere + "x");
  EXPECT_EQ(complaints(&network, "lan", at("", "fd00::5")), title + not_the_users);
  EXPECT_EQ(complaints(nullptr, "later", at("0.0.0.0")), title + "invalid IPv4 address: 0.0.0.0");
  EndpointSettings local;
  local.link_local_ips = {"q"};
  EXPECT_EQ(complaints(&network, "lan", local), title + "invalid link-local IP address: q");
  EndpointSettings mac;
  mac.mac_address = "q";
  EXPECT_EQ(complaints(&network, "lan", mac), "invalid MAC address q");
  for (const char* wrong : {"02: 2:ac:11:00:02", "02:-2:ac:11:00:02", "0x:02:ac:11:00:02"}) {
    mac.mac_address = wrong;
    EXPECT_EQ(complaints(&network, "lan", mac), std::string("invalid MAC address ") + wrong);
  }
}

TEST(CheckEndpoint, a_subnet_that_the_engine_chose_takes_no_fixed_address) {
  Network network = lan();
  network.pools[0].chosen = true;
  EXPECT_EQ(complaints(&network, "lan", at("10.5.0.9")), title + not_the_users);
}

TEST(CheckEndpoint, predefined_networks_have_neither_addresses_nor_aliases) {
  EndpointSettings settings = at("172.17.0.9");
  settings.aliases = {"a"};
  EXPECT_EQ(complaints(nullptr, "bridge", settings),
            title +
                "* user specified IP address is supported on user defined networks only\n"
                "* network-scoped alias is supported only for containers in user defined networks");
}

} // namespace
} // namespace gantry::networks
