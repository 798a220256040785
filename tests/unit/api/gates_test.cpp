#include "api/gates.hpp"

#include <gtest/gtest.h>

namespace gantry::api {
namespace {

TEST(Gates, a_field_is_missing_before_its_version) {
  Json value = {{"Config", {{"Healthcheck", {{"StartInterval", 1}, {"Retries", 1}}}}}};
  apply_gates(WireObject::container_inspect, {1, 43}, value);
  EXPECT_FALSE(value["Config"]["Healthcheck"].contains("StartInterval"));
  EXPECT_TRUE(value["Config"]["Healthcheck"].contains("Retries"));
}

TEST(Gates, a_field_is_there_from_its_version_on) {
  Json value = {{"Config", {{"Healthcheck", {{"StartInterval", 1}}}}}};
  apply_gates(WireObject::container_inspect, {1, 44}, value);
  EXPECT_TRUE(value["Config"]["Healthcheck"].contains("StartInterval"));
}

TEST(Gates, what_28_shows_at_every_version_is_there) {
  const Json whole = {{"HostConfig", {{"CgroupnsMode", "host"}, {"DeviceRequests", nullptr}, {"Annotations", {{"a", "b"}}}}}};
  Json value = whole;
  apply_gates(WireObject::container_inspect, {1, 24}, value);
  EXPECT_EQ(value, whole);
}

TEST(Gates, info_ends_what_dockerd_ended) {
  const Json whole = {{"BridgeNfIptables", false},
                      {"KernelMemoryTCP", true},
                      {"FirewallBackend", {{"Driver", "nftables"}}},
                      {"RegistryConfig", {{"AllowNondistributableArtifactsCIDRs", nullptr}, {"Mirrors", nullptr}}}};
  Json old = whole, now = whole;
  apply_gates(WireObject::info, {1, 46}, old);
  apply_gates(WireObject::info, {1, 51}, now);
  EXPECT_TRUE(old.contains("BridgeNfIptables"));
  EXPECT_TRUE(old["RegistryConfig"].contains("AllowNondistributableArtifactsCIDRs"));
  EXPECT_FALSE(old.contains("FirewallBackend"));
  EXPECT_FALSE(now.contains("BridgeNfIptables"));
  EXPECT_EQ(now["RegistryConfig"], Json({{"Mirrors", nullptr}}));
  EXPECT_TRUE(now.contains("KernelMemoryTCP"));
  EXPECT_TRUE(now.contains("FirewallBackend"));
}

TEST(Gates, a_removed_field_is_missing_from_then_on) {
  Json old = {{"NetworkSettings", {{"IPAddress", ""}}}};
  Json now = old;
  apply_gates(WireObject::container_inspect, {1, 51}, old);
  apply_gates(WireObject::container_inspect, {1, 52}, now);
  EXPECT_TRUE(old["NetworkSettings"].contains("IPAddress"));
  EXPECT_FALSE(now["NetworkSettings"].contains("IPAddress"));
}

TEST(Gates, fields_that_are_not_there_do_not_appear) {
  Json value = Json::object();
  apply_gates(WireObject::container_inspect, {1, 24}, value);
  EXPECT_TRUE(value.empty());
}

} // namespace
} // namespace gantry::api
