#include "containers/spec/devices.hpp"

#include <gmock/gmock.h>

#include "sample.hpp"

namespace gantry::containers::test {
namespace {

using ::testing::Contains;

Json rule_of(const std::string& text) {
  HostConfig host;
  host.resources.device_cgroup_rules = {text};
  return make_devices(host).rules.back();
}

TEST(SpecDevices, everything_is_denied_first) {
  const Json rules = make_devices({}).rules;
  EXPECT_EQ(rules.at(0), Json({{"allow", false}, {"access", "rwm"}}));
}

TEST(SpecDevices, a_requested_device_gets_a_node_and_a_rule) {
  HostConfig host;
  host.resources.devices = {{"/dev/null", "/dev/foo", "r"}};
  const SpecDevices devices = make_devices(host);
  ASSERT_EQ(devices.nodes.size(), 1U);
  EXPECT_EQ(devices.nodes[0]["path"], "/dev/foo");
  EXPECT_EQ(devices.nodes[0]["major"], 1);
  EXPECT_EQ(devices.rules.back(), Json({{"allow", true}, {"type", "c"}, {"major", 1}, {"minor", 3}, {"access", "r"}}));
}

TEST(SpecDevices, a_missing_device_is_named) {
  HostConfig host;
  host.resources.devices = {{"/dev/nope", "/dev/nope", "rwm"}};
  // 500, as in Docker: the machine lacks it.
  EXPECT_EQ(refusal([&] { make_devices(host); }, Code::internal),
            "error gathering device information while adding custom device \"/dev/nope\": no such file or directory");
}

TEST(SpecDevices, a_file_is_no_device) {
  HostConfig host;
  host.resources.devices = {{"/etc/passwd", "", ""}};
  EXPECT_EQ(refusal([&] { make_devices(host); }),
            "error gathering device information while adding custom device \"/etc/passwd\": not a device node");
}

TEST(SpecDevices, cgroup_rules_are_read) {
  EXPECT_EQ(rule_of("c 42:* rmw"), Json({{"allow", true}, {"type", "c"}, {"major", 42}, {"access", "rmw"}}));
  EXPECT_EQ(rule_of("a *:* rwm"), Json({{"allow", true}, {"type", "a"}, {"access", "rwm"}}));
}

class MalformedRule : public ::testing::TestWithParam<const char*> {};

TEST_P(MalformedRule, is_refused_in_dockers_words) {
  EXPECT_EQ(refusal([] { rule_of(GetParam()); }), "invalid device cgroup rule format: '" + std::string(GetParam()) + "'");
}

INSTANTIATE_TEST_SUITE_P(SpecDevices, MalformedRule,
                         ::testing::Values("", "x 1:1 r", "c 1 r", "c 1:1", "c 1:1 ", "c 1:1 rwmr", "c 1:1 z", "c -1:1 r",
                                           "c a:1 r", "c 1:1  r", "c 99999999999:1 r"));

TEST(SpecDevices, privileged_sees_the_hosts_devices) {
  HostConfig host;
  host.privileged = true;
  const SpecDevices devices = make_devices(host);
  EXPECT_EQ(devices.rules, Json::array({{{"allow", true}, {"access", "rwm"}}}));
  std::vector<std::string> paths;
  for (const auto& node : devices.nodes) paths.push_back(node["path"]);
  EXPECT_THAT(paths, Contains("/dev/null"));
}

} // namespace
} // namespace gantry::containers::test
