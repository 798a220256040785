#include "containers/validate.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.hpp"
#include "containers/model_json.hpp"

namespace gantry::containers {
namespace {

struct Row {
  const char* name;
  const char* json;
  const char* error;
};

std::string refusal(const std::function<void()>& f) {
  try {
    f();
  } catch (const Error& e) {
    EXPECT_EQ(e.code(), Code::invalid);
    return e.what();
  }
  return "";
}

std::string row_name(const ::testing::TestParamInfo<Row>& info) { return info.param.name; }

class BadResources : public ::testing::TestWithParam<Row> {};

TEST_P(BadResources, are_refused_in_dockers_words) {
  Resources resources = host_config_from_json(Json::parse(GetParam().json)).resources;
  std::vector<std::string> warnings;
  const Machine machine{"0-1", "0", 1};
  EXPECT_EQ(refusal([&] { validate_resources(resources, machine, warnings); }), GetParam().error);
}

INSTANTIATE_TEST_SUITE_P(
    Rows, BadResources,
    ::testing::Values(
        Row{"memory", R"({"Memory":1000})", "Minimum memory limit allowed is 6MB"},
        Row{"negative_memory", R"({"Memory":-1})", "Minimum memory limit allowed is 6MB"},
        Row{"swap_below_memory", R"({"Memory":10000000,"MemorySwap":5000000})",
            "Minimum memoryswap limit should be larger than memory limit, see usage"},
        Row{"swap_alone", R"({"MemorySwap":5000000})",
            "You should always set the Memory limit when using Memoryswap limit, see usage"},
        Row{"reservation", R"({"MemoryReservation":2000})", "Minimum memory reservation allowed is 6MB"},
        Row{"reservation_above", R"({"Memory":10000000,"MemoryReservation":20000000})",
            "Minimum memory limit can not be less than memory reservation limit, see usage"},
        Row{"swappiness", R"({"MemorySwappiness":200})", "Invalid value: 200, valid memory swappiness range is 0-100"},
        Row{"nano_and_period", R"({"NanoCpus":1,"CpuPeriod":1000})",
            "Conflicting options: Nano CPUs and CPU Period cannot both be set"},
        Row{"nano_and_quota", R"({"NanoCpus":1,"CpuQuota":1000})",
            "Conflicting options: Nano CPUs and CPU Quota cannot both be set"},
        Row{"period", R"({"CpuPeriod":10})",
            "CPU cfs period can not be less than 1ms (i.e. 1000) or larger than 1s (i.e. 1000000)"},
        Row{"quota", R"({"CpuQuota":10})", "CPU cfs quota can not be less than 1ms (i.e. 1000)"},
        Row{"cpuset_text", R"({"CpusetCpus":"x"})", "Invalid value x for cpuset cpus: invalid format: x"},
        Row{"cpuset_range", R"({"CpusetCpus":"3-1"})", "Invalid value 3-1 for cpuset cpus: invalid format: 3-1"},
        Row{"cpuset_missing", R"({"CpusetCpus":"0,99"})", "Requested CPUs are not available - requested 0,99, available: 0-1"},
        Row{"mems_missing", R"({"CpusetMems":"9"})", "Requested memory nodes are not available - requested 9, available: 0"},
        Row{"blkio", R"({"BlkioWeight":5})", "Range of blkio weight is from 10 to 1000"}),
    row_name);

class BadHostConfig : public ::testing::TestWithParam<Row> {};

TEST_P(BadHostConfig, is_refused_in_dockers_words) {
  HostConfig config = host_config_from_json(Json::parse(GetParam().json));
  if (config.runtime.empty()) config.runtime = "gantry";
  std::vector<std::string> warnings;
  EXPECT_EQ(refusal([&] { validate_host_config(config, warnings); }), GetParam().error);
}

INSTANTIATE_TEST_SUITE_P(
    Rows, BadHostConfig,
    ::testing::Values(Row{"policy", R"({"RestartPolicy":{"Name":"foo"}})", "invalid restart policy 'foo'"},
                      Row{"always_with_count", R"({"RestartPolicy":{"Name":"always","MaximumRetryCount":3}})",
                          "maximum retry count cannot be used with restart policy 'always'"},
                      Row{"negative_count", R"({"RestartPolicy":{"Name":"on-failure","MaximumRetryCount":-3}})",
                          "maximum retry count cannot be negative"},
                      Row{"auto_remove", R"({"AutoRemove":true,"RestartPolicy":{"Name":"always"}})",
                          "can't create 'AutoRemove' container with restart policy"},
                      Row{"container_port", R"({"PortBindings":{"x/tcp":[]}})", "invalid port specification: \"x\""},
                      Row{"host_port", R"({"PortBindings":{"80/tcp":[{"HostPort":"70000"}]}})",
                          "invalid port specification: \"70000\""},
                      Row{"cgroupns", R"({"CgroupnsMode":"foo"})", "invalid cgroup namespace mode: foo"},
                      Row{"oom", R"({"OomScoreAdj":-5000})", "Invalid value -5000, range for oom score adj is [-1000, 1000]"},
                      Row{"shm", R"({"ShmSize":-5})", "SHM size can not be less than 0"},
                      Row{"tmpfs", R"({"Tmpfs":{"x":""}})", "invalid mount path: 'x' mount path must be absolute"},
                      Row{"hosts", R"({"ExtraHosts":["x"]})", "bad format for add-host: \"x\""}),
    row_name);

class BadConfig : public ::testing::TestWithParam<Row> {};

TEST_P(BadConfig, is_refused_in_dockers_words) {
  const Config config = config_from_json(Json::parse(GetParam().json));
  EXPECT_EQ(refusal([&] { validate_config(config); }), GetParam().error);
}

INSTANTIATE_TEST_SUITE_P(Rows, BadConfig,
                         ::testing::Values(Row{"workdir", R"({"WorkingDir":"rel"})",
                                               "the working directory 'rel' is invalid, it needs to be an absolute path"},
                                           Row{"env", R"({"Env":["=x"]})", "invalid environment variable: =x"},
                                           Row{"empty_env", R"({"Env":[""]})", "invalid environment variable: "},
                                           Row{"signal", R"({"StopSignal":"FOO"})", "Invalid signal: FOO"},
                                           Row{"interval", R"({"Healthcheck":{"Interval":5}})",
                                               "Interval in Healthcheck cannot be less than 1ms"},
                                           Row{"nul", R"({"Cmd":["a\u0000b"]})", "Cmd contains a NUL byte"}),
                         row_name);

TEST(HostConfigWarnings, published_ports_mean_nothing_in_the_hosts_network) {
  HostConfig config =
      host_config_from_json(Json::parse(R"({"NetworkMode":"host","PortBindings":{"80/tcp":[]},"Runtime":"gantry"})"));
  std::vector<std::string> warnings;
  validate_host_config(config, warnings);
  EXPECT_THAT(warnings, ::testing::ElementsAre("Published ports are discarded when using host network mode"));
}

} // namespace
} // namespace gantry::containers
