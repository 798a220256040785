#include "containers/model_json.hpp"

#include <gtest/gtest.h>

#include "base/error.hpp"
#include "containers/container_json.hpp"

namespace gantry::containers {
namespace {

std::string model_refusal(const std::function<void()>& f) {
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

TEST(ModelJson, lists_that_were_left_out_stay_apart_from_empty_ones) {
  const Json once = to_json(host_config_from_json(Json::parse(R"({"Dns":[],"Devices":null})")));
  EXPECT_EQ(once["Dns"], Json::array());
  for (const char* name : {"Devices", "Ulimits", "PortBindings", "BlkioDeviceReadBps"}) EXPECT_TRUE(once[name].is_null()) << name;
  EXPECT_EQ(to_json(host_config_from_json(once)), once) << "as it is stored";
  EXPECT_EQ(to_json(HostConfig{})["Dns"], Json::array()) << "nobody's request";
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
  EXPECT_EQ(model_refusal([] { host_config_from_json(Json::parse(R"({"Memory":"1g"})")); }),
            "HostConfig.Memory: expected a whole number, got a string");
  EXPECT_EQ(model_refusal([] { config_from_json(Json::parse(R"({"Env":["a",1]})")); }),
            "Env[1]: expected a string, got a number");
  EXPECT_EQ(model_refusal([] { config_from_json(Json::parse("[]")); }), "body: expected an object, got a list");
  EXPECT_EQ(model_refusal([] { host_config_from_json(Json::parse(R"({"PortBindings":{"80/tcp":[1]}})")); }),
            "HostConfig.PortBindings.80/tcp[0]: expected an object, got a number");
  EXPECT_EQ(model_refusal([] { config_from_json(Json::parse(R"({"ExposedPorts":{"80/tcp":"x"}})")); }),
            "ExposedPorts.80/tcp: expected an object, got a string");
}

TEST(ModelJson, a_number_that_does_not_fit_is_refused) {
  EXPECT_EQ(model_refusal([] { host_config_from_json(Json::parse(R"({"BlkioWeight":70000})")); }),
            "HostConfig.BlkioWeight: the number 70000 is out of range");
  EXPECT_EQ(model_refusal([] { host_config_from_json(Json::parse(R"({"Memory":18446744073709551615})")); }),
            "HostConfig.Memory: the number 18446744073709551615 is out of range");
  EXPECT_EQ(model_refusal([] { host_config_from_json(Json::parse(R"({"Memory":1.5})")); }),
            "HostConfig.Memory: expected a whole number, got a number");
}

/// A container with these ports, stored and read again.
std::vector<networks::PublishedPort> stored_ports(const std::vector<networks::PublishedPort>& ports, std::size_t& entries) {
  Container container;
  container.ports = ports;
  const Json state = state_json(container);
  entries = state.at("ports").size();
  Container again;
  apply_state(again, Json::parse(state.dump()));
  return again.ports;
}

TEST(ModelJson, neighbouring_ports_are_stored_as_one) {
  std::vector<networks::PublishedPort> ports;
  for (std::uint16_t i = 0; i < 1000; ++i)
    for (const char* ip : {"0.0.0.0", "::"})
      ports.push_back({"tcp", static_cast<std::uint16_t>(80 + i), static_cast<std::uint16_t>(8000 + i), ip});
  ports.push_back({"tcp", 1080, 9000, "127.0.0.1"}); // a neighbour of another address
  ports.push_back({"udp", 1081, 9001, "127.0.0.1"});
  std::size_t entries = 0;
  const auto again = stored_ports(ports, entries);
  EXPECT_EQ(entries, 3U);
  ASSERT_EQ(again.size(), ports.size());
  for (std::size_t i = 0; i < ports.size(); ++i) {
    EXPECT_EQ(again[i].host_ip, ports[i].host_ip);
    EXPECT_EQ(again[i].host_port, ports[i].host_port);
    EXPECT_EQ(again[i].container_port, ports[i].container_port);
    EXPECT_EQ(again[i].protocol, ports[i].protocol);
  }
}

TEST(ModelJson, ports_that_an_earlier_engine_stored_are_read) {
  Container container;
  apply_state(container, Json::parse(R"({"ports":[{"protocol":"udp","container_port":53,"host_port":5353,"host_ip":"::"}]})"));
  ASSERT_EQ(container.ports.size(), 1U);
  EXPECT_EQ(container.ports[0].host_ip, "::");
  EXPECT_EQ(container.ports[0].host_port, 5353);
}

} // namespace
} // namespace gantry::containers
