#include "network_options.hpp"

#include <gtest/gtest.h>

#include <tuple>

#include "names.hpp"

namespace gantry::net_bridge {
namespace {

TEST(NetworkOptions, have_dockers_defaults) {
  const NetworkOptions o = parse_options({}, false);
  EXPECT_TRUE(o.masquerade);
  EXPECT_TRUE(o.icc);
  EXPECT_EQ(o.mode4, GatewayMode::nat);
}

TEST(NetworkOptions, are_read) {
  const NetworkOptions o = parse_options({{"com.docker.network.bridge.name", "lan0"},
                                          {"com.docker.network.bridge.enable_icc", "false"},
                                          {"com.docker.network.bridge.enable_ip_masquerade", "0"},
                                          {"com.docker.network.bridge.gateway_mode_ipv4", "routed"},
                                          {"com.docker.network.driver.mtu", "1400"},
                                          {"com.example.label", "kept"}},
                                         false);
  EXPECT_EQ(o.bridge, "lan0");
  EXPECT_FALSE(o.icc);
  EXPECT_FALSE(o.masquerade);
  EXPECT_EQ(o.mode4, GatewayMode::routed);
  EXPECT_EQ(o.mtu, 1400U);
}

TEST(NetworkOptions, that_are_wrong_are_refused) {
  const Options rows{{"com.docker.network.bridge.name", "sixteen-letters-"},
                     {"com.docker.network.bridge.name", "a/b"},
                     {"com.docker.network.bridge.name", "a\" ; drop"},
                     {"com.docker.network.bridge.enable_icc", "maybe"},
                     {"com.docker.network.driver.mtu", "10"},
                     {"com.docker.network.driver.mtu", "many"},
                     {"com.docker.network.bridge.gateway_mode_ipv4", "magic"},
                     {"com.docker.network.bridge.nosuch", "x"},
                     {"com.docker.network.host_ipv4", "localhost"},
                     {"com.docker.network.bridge.gateway_mode_ipv4", "isolated"}};
  for (const auto& row : rows) {
    try {
      parse_options({row}, false);
      ADD_FAILURE() << row.first << "=" << row.second;
    } catch (const Error& e) {
      EXPECT_EQ(e.code(), Code::invalid);
      EXPECT_NE(std::string(e.what()).find(row.first), std::string::npos) << e.what();
    }
  }
}

TEST(NetworkOptions, that_are_wrong_have_dockers_words) {
  const std::vector<std::tuple<std::string, std::string, std::string>> rows{
      {"com.docker.network.bridge.enable_icc", "zz",
       "failed to parse com.docker.network.bridge.enable_icc value: zz (strconv.ParseBool: parsing \"zz\": invalid syntax)"},
      {"com.docker.network.enable_ipv6", "zz",
       "failed to parse com.docker.network.enable_ipv6 value: zz (strconv.ParseBool: parsing \"zz\": invalid syntax)"},
      {"com.docker.network.bridge.host_binding_ipv4", "zz",
       "failed to parse com.docker.network.bridge.host_binding_ipv4 value: zz (nil ip)"},
      {"com.docker.network.driver.mtu", "zz",
       "failed to parse com.docker.network.driver.mtu value: zz (strconv.Atoi: parsing \"zz\": invalid syntax)"},
      {"com.docker.network.driver.mtu", "-1", "invalid MTU number: -1"},
  };
  for (const auto& [key, value, text] : rows) {
    try {
      parse_options({{key, value}}, false);
      ADD_FAILURE() << key << "=" << value;
    } catch (const Error& e) {
      EXPECT_EQ(e.what(), text);
    }
  }
}

TEST(Names, fit_into_an_interfaces_name) {
  const std::string id(64, 'a');
  EXPECT_EQ(bridge_name(id), "br-aaaaaaaaaaaa");
  EXPECT_EQ(veth_name("gantry", id).size(), 15U);
  EXPECT_NE(veth_prefix("gantry"), veth_prefix("other"));
}

} // namespace
} // namespace gantry::net_bridge
