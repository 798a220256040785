#include "containers/model_json.hpp"

#include <gtest/gtest.h>

#include "base/error.hpp"

namespace gantry::containers {
namespace {

std::string refusal(const std::function<void()>& f) {
  try {
    f();
  } catch (const Error& e) {
    EXPECT_EQ(e.code(), Code::invalid);
    return e.what();
  }
  return "";
}

TEST(ModelJson, config_survives_a_round_trip) {
  const Json json =
      Json::parse(R"({"Hostname":"h","Domainname":"d","User":"u","AttachStdin":true,"AttachStdout":true,"AttachStderr":false,
    "ExposedPorts":{"80/tcp":{}},"Tty":true,"OpenStdin":true,"StdinOnce":true,"Env":["A=b"],"Cmd":["c"],
    "Healthcheck":{"Test":["CMD","t"],"Interval":1,"Timeout":2,"StartPeriod":3,"StartInterval":4,"Retries":5},"Image":"i",
    "Volumes":{"/v":{}},"WorkingDir":"/w","Entrypoint":["e"],"OnBuild":["RUN x"],"Labels":{"l":"1"},"StopSignal":"INT","StopTimeout":3,
    "Shell":["sh"]})");
  EXPECT_EQ(to_json(config_from_json(json)), json);
}

TEST(ModelJson, host_config_survives_a_round_trip) {
  const Json json =
      Json::parse(R"({"Binds":["/a:/b:ro"],"NetworkMode":"none","PortBindings":{"80/tcp":[{"HostIp":"","HostPort":"8080"}]},
    "RestartPolicy":{"Name":"on-failure","MaximumRetryCount":3},"CapAdd":["NET_ADMIN"],"Memory":10000000,"NanoCpus":5,"PidsLimit":7,
    "Ulimits":[{"Name":"nofile","Hard":2,"Soft":1}],"Devices":[{"PathOnHost":"/dev/null","PathInContainer":"/dev/x","CgroupPermissions":"r"}],
    "ConsoleSize":[24,80],"Mounts":[{"Type":"bind","Source":"/s","Target":"/t"}],"Sysctls":{"a":"1"},"Tmpfs":{"/t":"size=1m"},"Init":true,
    "LogConfig":{"Type":"json-file","Config":{"max-size":"1m"}},"MaskedPaths":[]})");
  const Json once = to_json(host_config_from_json(json));
  EXPECT_EQ(to_json(host_config_from_json(once)), once);
  for (const auto& [key, value] : json.items()) EXPECT_EQ(once.at(key), value) << key;
}

TEST(ModelJson, a_container_survives_a_round_trip) {
  Container container;
  container.id = "abc";
  container.name = "web";
  container.created_ns = 5;
  container.config.cmd = StringList{"x"};
  container.phase = Phase::paused;
  container.pid = 7;
  container.exit_code = 3;
  container.error = "why";
  container.oom_killed = true;
  container.restart_count = 2;
  container.manually_stopped = true;
  container.runtime_state = "{}";
  container.path = "x";
  container.args = {"y"};
  const Json json = to_json(container);
  EXPECT_EQ(to_json(container_from_json(Json::parse(json.dump()))), json);
}

TEST(ModelJson, a_command_may_be_one_string) {
  EXPECT_EQ(*config_from_json(Json::parse(R"({"Cmd":"ls"})")).cmd, StringList{"ls"});
}

TEST(ModelJson, null_is_absent_and_unknown_keys_are_ignored) {
  const Config config = config_from_json(Json::parse(R"({"Cmd":null,"Labels":null,"NoSuchKey":[1]})"));
  EXPECT_FALSE(config.cmd);
}

TEST(ModelJson, an_empty_entrypoint_differs_from_an_absent_one) {
  EXPECT_TRUE(config_from_json(Json::parse(R"({"Entrypoint":[]})")).entrypoint);
  EXPECT_FALSE(config_from_json(Json::parse("{}")).entrypoint);
}

TEST(ModelJson, a_wrong_type_is_named_with_its_key) {
  EXPECT_EQ(refusal([] { host_config_from_json(Json::parse(R"({"Memory":"1g"})")); }),
            "HostConfig.Memory: expected a whole number, got a string");
  EXPECT_EQ(refusal([] { config_from_json(Json::parse(R"({"Env":["a",1]})")); }), "Env[1]: expected a string, got a number");
  EXPECT_EQ(refusal([] { config_from_json(Json::parse("[]")); }), "body: expected an object, got a list");
  EXPECT_EQ(refusal([] { host_config_from_json(Json::parse(R"({"PortBindings":{"80/tcp":[1]}})")); }),
            "HostConfig.PortBindings.80/tcp[0]: expected an object, got a number");
  EXPECT_EQ(refusal([] { config_from_json(Json::parse(R"({"ExposedPorts":{"80/tcp":"x"}})")); }),
            "ExposedPorts.80/tcp: expected an object, got a string");
}

TEST(ModelJson, a_number_that_does_not_fit_is_refused) {
  EXPECT_EQ(refusal([] { host_config_from_json(Json::parse(R"({"BlkioWeight":70000})")); }),
            "HostConfig.BlkioWeight: the number 70000 is out of range");
  EXPECT_EQ(refusal([] { host_config_from_json(Json::parse(R"({"Memory":18446744073709551615})")); }),
            "HostConfig.Memory: the number 18446744073709551615 is out of range");
  EXPECT_EQ(refusal([] { host_config_from_json(Json::parse(R"({"Memory":1.5})")); }),
            "HostConfig.Memory: expected a whole number, got a number");
}

} // namespace
} // namespace gantry::containers
