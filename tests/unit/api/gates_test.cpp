#include "api/gates.hpp"

#include <gtest/gtest.h>

namespace gantry::api {
namespace {

TEST(Gates, a_field_is_missing_before_its_version) {
  Json value = {{"HostConfig", {{"Annotations", {{"a", "b"}}}, {"Memory", 1}}}};
  apply_gates(WireObject::container_inspect, {1, 42}, value);
  EXPECT_FALSE(value["HostConfig"].contains("Annotations"));
  EXPECT_TRUE(value["HostConfig"].contains("Memory"));
}

TEST(Gates, a_field_is_there_from_its_version_on) {
  Json value = {{"HostConfig", {{"Annotations", {{"a", "b"}}}}}};
  apply_gates(WireObject::container_inspect, {1, 43}, value);
  EXPECT_TRUE(value["HostConfig"].contains("Annotations"));
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
