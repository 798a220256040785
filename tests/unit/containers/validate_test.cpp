#include "containers/validate.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.hpp"
#include "containers/grantable_ulimits.hpp"
#include "containers/model_json.hpp"

namespace gantry::containers {
namespace {

struct ValidateRow {
  const char* name;
  const char* json;
  const char* error;
};

std::string config_refusal(const std::function<void()>& f) {
  try {
    f();
  } catch (const Error& e) {
    EXPECT_EQ(e.code(), Code::invalid);
    return e.what();
  }
  return "";
}

std::string row_name(const ::testing::TestParamInfo<ValidateRow>& info) { return info.param.name; }

class BadResources : public ::testing::TestWithParam<ValidateRow> {};

TEST_P(BadResources, are_refused_in_dockers_words) {
  Resources resources = host_config_from_json(Json::parse(GetParam().json)).resources;
  std::vector<std::string> warnings;
  const Machine machine{"0-1", "0", 1};
  EXPECT_EQ(config_refusal([&] { validate_resources(resources, machine, warnings); }), GetParam().error);
}

INSTANTIATE_TEST_SUITE_P(
    Rows, BadResources,
    ::testing::Values(
        ValidateRow{"memory", R"({"Memory":1000})", "Minimum memory limit allowed is 6MB"},
        ValidateRow{"negative_memory", R"({"Memory":-1})", "Minimum memory limit allowed is 6MB"},
        ValidateRow{"swap_below_memory", R"({"Memory":10000000,"MemorySwap":5000000})",
                    "Minimum memoryswap limit should be larger than memory limit, see usage"},
        ValidateRow{"swap_alone", R"({"MemorySwap":5000000})",
                    "You should always set the Memory limit when using Memoryswap limit, see usage"},
        ValidateRow{"reservation", R"({"MemoryReservation":2000})", "Minimum memory reservation allowed is 6MB"},
        ValidateRow{"reservation_above", R"({"Memory":10000000,"MemoryReservation":20000000})",
                    "Minimum memory limit can not be less than memory reservation limit, see usage"},
        ValidateRow{"swappiness", R"({"MemorySwappiness":200})", "Invalid value: 200, valid memory swappiness range is 0-100"},
        ValidateRow{"nano_and_period", R"({"NanoCpus":1,"CpuPeriod":1000})",
                    "Conflicting options: Nano CPUs and CPU Period cannot both be set"},
        ValidateRow{"nano_and_quota", R"({"NanoCpus":1,"CpuQuota":1000})",
                    "Conflicting options: Nano CPUs and CPU Quota cannot both be set"},
        ValidateRow{"period", R"({"CpuPeriod":10})",
                    "CPU cfs period can not be less than 1ms (i.e. 1000) or larger than 1s (i.e. 1000000)"},
        ValidateRow{"quota", R"({"CpuQuota":10})", "CPU cfs quota can not be less than 1ms (i.e. 1000)"},
        ValidateRow{"cpuset_text", R"({"CpusetCpus":"x"})", "Invalid value x for cpuset cpus: invalid format: x"},
        ValidateRow{"cpuset_range", R"({"CpusetCpus":"3-1"})", "Invalid value 3-1 for cpuset cpus: invalid format: 3-1"},
        ValidateRow{"cpuset_missing", R"({"CpusetCpus":"0,99"})",
                    "Requested CPUs are not available - requested 0,99, available: 0-1"},
        ValidateRow{"mems_missing", R"({"CpusetMems":"9"})",
                    "Requested memory nodes are not available - requested 9, available: 0"},
        ValidateRow{"cpuset_comma", R"({"CpusetCpus":"0,"})", "Invalid value 0, for cpuset cpus: invalid format: 0,"},
        ValidateRow{"cpuset_blank", R"({"CpusetCpus":" 0"})", "Invalid value  0 for cpuset cpus: invalid format:  0"},
        ValidateRow{"cpuset_half", R"({"CpusetCpus":"1-"})", "Invalid value 1- for cpuset cpus: invalid format: 1-"},
        ValidateRow{"cpuset_huge", R"({"CpusetCpus":"9999999"})",
                    "Invalid value 9999999 for cpuset cpus: value of out range, maximum is 8192"},
        ValidateRow{"cpuset_beyond_numbers", R"({"CpusetCpus":"99999999999999"})",
                    "Invalid value 99999999999999 for cpuset cpus: value of out range, maximum is 8192"},
        ValidateRow{"mems_text", R"({"CpusetMems":"x"})", "Invalid value x for cpuset mems: invalid format: x"},
        ValidateRow{"swappiness_below", R"({"MemorySwappiness":-2})",
                    "Invalid value: -2, valid memory swappiness range is 0-100"},
        ValidateRow{"kernel_memory", R"({"KernelMemory":1000})", "Minimum kernel memory limit allowed is 6MB"},
        ValidateRow{"period_below_zero", R"({"CpuPeriod":-1})",
                    "CPU cfs period can not be less than 1ms (i.e. 1000) or larger than 1s (i.e. 1000000)"},
        ValidateRow{"shares_below_zero", R"({"CpuShares":-1})", "the minimum allowed cpu-shares is 2"},
        ValidateRow{"one_share", R"({"CpuShares":1})", "the minimum allowed cpu-shares is 2"},
        ValidateRow{"too_many_shares", R"({"CpuShares":262145})", "the maximum allowed cpu-shares is 262144"},
        ValidateRow{"realtime", R"({"CpuRealtimePeriod":1000,"CpuRealtimeRuntime":2000})",
                    "cpu real-time runtime cannot be higher than cpu real-time period"},
        ValidateRow{"windows_iops", R"({"IOMaximumIOps":5})",
                    "Invalid QoS settings: linux does not support Maximum IO Bandwidth or Maximum IO IOps"},
        ValidateRow{"blkio_device", R"({"BlkioWeightDevice":[{"Path":"/dev/vda","Weight":5}]})",
                    "Range of blkio weight is from 10 to 1000, /dev/vda has 5"},
        ValidateRow{"blkio", R"({"BlkioWeight":5})", "Range of blkio weight is from 10 to 1000"}),
    row_name);

/// What a machine without anything makes of a wish, and what it says.
struct Poor {
  const char* name;
  const char* json;
  const char* warning;
  const char* left; ///< members of the result that the warning speaks of
};

class PoorMachine : public ::testing::TestWithParam<Poor> {};

TEST_P(PoorMachine, discards_with_dockers_warning) {
  Resources resources = resources_from_json(Json::parse(GetParam().json));
  Machine machine{"0", "0", 2};
  for (bool* feature : {&machine.memory, &machine.swap, &machine.reservation, &machine.swappiness, &machine.oom_kill_disable,
                        &machine.kernel_memory_tcp, &machine.cpu_shares, &machine.cpu_quota, &machine.cpu_realtime,
                        &machine.cpuset, &machine.pids, &machine.io_weight, &machine.io_weight_device, &machine.io_read_bps,
                        &machine.io_write_bps, &machine.io_read_iops, &machine.io_write_iops})
    *feature = false;
  std::vector<std::string> warnings;
  validate_resources(resources, machine, warnings);
  EXPECT_THAT(warnings, ::testing::ElementsAre(GetParam().warning));
  HostConfig config;
  config.resources = resources;
  const Json all = to_json(config), left = Json::parse(GetParam().left);
  for (const auto& item : left.items()) EXPECT_EQ(all.value(item.key(), Json()), item.value()) << item.key();
}

INSTANTIATE_TEST_SUITE_P(
    Rows, PoorMachine,
    ::testing::Values(
        Poor{"memory", R"({"Memory":10000000})",
             "Your kernel does not support memory limit capabilities or the cgroup is not mounted. Limitation discarded.",
             R"({"Memory":0,"MemorySwap":-1})"},
        Poor{"swappiness", R"({"MemorySwappiness":5})",
             "Your kernel does not support memory swappiness capabilities or the cgroup is not mounted. Memory swappiness "
             "discarded.",
             R"({"MemorySwappiness":null})"},
        Poor{"reservation", R"({"MemoryReservation":10000000})",
             "Your kernel does not support memory soft limit capabilities or the cgroup is not mounted. Limitation discarded.",
             R"({"MemoryReservation":0})"},
        Poor{"kernel_memory", R"({"KernelMemory":10000000})",
             "Your kernel does not support kernel memory limit capabilities or the cgroup is not mounted. Limitation discarded.",
             R"({})"},
        Poor{"oom_killer", R"({"OomKillDisable":true})", "Your kernel does not support OomKillDisable. OomKillDisable discarded.",
             R"({"OomKillDisable":null})"},
        Poor{"pids", R"({"PidsLimit":5})",
             "Your kernel does not support PIDs limit capabilities or the cgroup is not mounted. PIDs limit discarded.",
             R"({"PidsLimit":null})"},
        Poor{"shares", R"({"CpuShares":5})",
             "Your kernel does not support CPU shares or the cgroup is not mounted. Shares discarded.", R"({"CpuShares":0})"},
        Poor{"quota", R"({"CpuQuota":5000})", "Your kernel does not support CPU CFS scheduler. CPU period/quota discarded.",
             R"({"CpuQuota":0})"},
        Poor{"cpuset", R"({"CpusetCpus":"77"})",
             "Your kernel does not support cpuset or the cgroup is not mounted. Cpuset discarded.", R"({"CpusetCpus":""})"},
        Poor{"weight", R"({"BlkioWeight":5})",
             "Your kernel does not support Block I/O weight or the cgroup is not mounted. Weight discarded.",
             R"({"BlkioWeight":0})"},
        Poor{"weight_device", R"({"BlkioWeightDevice":[{"Path":"/dev/vda","Weight":50}]})",
             "Your kernel does not support Block I/O weight_device or the cgroup is not mounted. Weight-device discarded.",
             R"({"BlkioWeightDevice":[]})"},
        Poor{"read_bps", R"({"BlkioDeviceReadBps":[{"Path":"/dev/vda","Rate":50}]})",
             "Your kernel does not support BPS Block I/O read limit or the cgroup is not mounted. Block I/O BPS read limit "
             "discarded.",
             R"({"BlkioDeviceReadBps":[]})"},
        Poor{"write_bps", R"({"BlkioDeviceWriteBps":[{"Path":"/dev/vda","Rate":50}]})",
             "Your kernel does not support BPS Block I/O write limit or the cgroup is not mounted. Block I/O BPS write limit "
             "discarded.",
             R"({"BlkioDeviceWriteBps":[]})"},
        Poor{"read_iops", R"({"BlkioDeviceReadIOps":[{"Path":"/dev/vda","Rate":50}]})",
             "Your kernel does not support IOPS Block read limit or the cgroup is not mounted. Block I/O IOPS read limit "
             "discarded.",
             R"({"BlkioDeviceReadIOps":[]})"},
        Poor{"write_iops", R"({"BlkioDeviceWriteIOps":[{"Path":"/dev/vda","Rate":50}]})",
             "Your kernel does not support IOPS Block write limit or the cgroup is not mounted. Block I/O IOPS write limit "
             "discarded.",
             R"({"BlkioDeviceWriteIOps":[]})"},
        Poor{"cpu_percent", R"({"CpuPercent":5})", "linux does not support CPU percent. Percent discarded.",
             R"({"CpuPercent":0})"}),
    [](const auto& info) { return info.param.name; });

TEST(Resources, realtime_scheduling_is_refused_where_the_kernel_has_none) {
  Resources resources = resources_from_json(Json::parse(R"({"CpuRealtimeRuntime":1000})"));
  Machine machine;
  machine.cpu_realtime = false;
  std::vector<std::string> warnings;
  EXPECT_EQ(config_refusal([&] { validate_resources(resources, machine, warnings); }),
            "Your kernel does not support CPU real-time scheduler");
}

TEST(Resources, what_means_no_limit_is_shown_as_docker_shows_it) {
  Resources resources = resources_from_json(Json::parse(R"({"PidsLimit":-5,"MemorySwappiness":-1,"Memory":10000000})"));
  std::vector<std::string> warnings;
  validate_resources(resources, Machine{}, warnings);
  EXPECT_EQ(resources.pids_limit, std::nullopt);
  EXPECT_EQ(resources.memory_swappiness, std::nullopt);
  EXPECT_EQ(resources.memory_swap, 20000000);
  EXPECT_EQ(resources.oom_kill_disable, false);
  EXPECT_THAT(warnings, ::testing::IsEmpty());
}

TEST(DefaultUlimits, are_capped_where_the_daemon_cannot_raise_its_own) {
  const auto own = [](const std::string& name) -> std::optional<std::int64_t> {
    return name == "nofile" ? std::optional<std::int64_t>(1000) : std::nullopt;
  };
  const auto capped = capped_ulimits({{"nofile", 5000, 2000}, {"nofile", 900, 800}, {"nproc", -1, -1}, {"nofile", -1, 10}}, own);
  const auto text = [](const Ulimit& limit) { return std::to_string(limit.soft) + ":" + std::to_string(limit.hard); };
  std::vector<std::string> texts;
  for (const auto& each : capped) texts.push_back(text(each));
  EXPECT_THAT(texts, ::testing::ElementsAre("1000:1000", "800:900", "-1:-1", "10:1000"));
}

class BadHostConfig : public ::testing::TestWithParam<ValidateRow> {};

TEST_P(BadHostConfig, is_refused_in_dockers_words) {
  HostConfig config = host_config_from_json(Json::parse(GetParam().json));
  if (config.runtime.empty()) config.runtime = "gantry";
  std::vector<std::string> warnings;
  EXPECT_EQ(config_refusal([&] { validate_host_config(config, warnings); }), GetParam().error);
}

INSTANTIATE_TEST_SUITE_P(
    Rows, BadHostConfig,
    ::testing::Values(
        ValidateRow{"policy", R"({"RestartPolicy":{"Name":"foo"}})",
                    "invalid restart policy: unknown policy 'foo'; use one of 'no', 'always', 'on-failure', or 'unless-stopped'"},
        ValidateRow{"always_with_count", R"({"RestartPolicy":{"Name":"always","MaximumRetryCount":3}})",
                    "invalid restart policy: maximum retry count can only be used with 'on-failure'"},
        ValidateRow{"negative_count", R"({"RestartPolicy":{"Name":"on-failure","MaximumRetryCount":-3}})",
                    "invalid restart policy: maximum retry count cannot be negative"},
        ValidateRow{"auto_remove", R"({"AutoRemove":true,"RestartPolicy":{"Name":"always"}})",
                    "can't create 'AutoRemove' container with restart policy"},
        ValidateRow{"container_port", R"({"PortBindings":{"x/tcp":[]}})", "invalid port specification: \"x\""},
        ValidateRow{"host_port", R"({"PortBindings":{"80/tcp":[{"HostPort":"70000"}]}})",
                    "invalid port specification: \"70000\""},
        ValidateRow{"name_server", R"({"Dns":["192.0.2.1","x"]})", "bad nameserver address x: unable to parse IP"},
        ValidateRow{"annotation", R"({"Annotations":{"":"x"}})",
                    "invalid Annotations: the empty string is not permitted as an annotation key"},
        ValidateRow{"cgroupns", R"({"CgroupnsMode":"foo"})", "invalid cgroup namespace mode: foo"},
        ValidateRow{"oom", R"({"OomScoreAdj":-5000})", "Invalid value -5000, range for oom score adj is [-1000, 1000]"},
        ValidateRow{"cgroup_parent_above", R"({"CgroupParent":"a/../../b"})",
                    "invalid cgroup parent \"a/../../b\": a path without \"..\" and control characters is allowed"},
        ValidateRow{"systemd_cgroup_parent", R"({"CgroupParent":"user.slice:gantry:x"})",
                    "invalid cgroup parent \"user.slice:gantry:x\": the cgroup driver is cgroupfs, which takes a path such "
                    "as \"/user.slice\""},
        ValidateRow{"shm", R"({"ShmSize":-5})", "SHM size can not be less than 0"},
        ValidateRow{"tmpfs", R"({"Tmpfs":{"x":""}})", "invalid mount path: 'x' mount path must be absolute"},
        ValidateRow{"hosts", R"({"ExtraHosts":["x"]})", "bad format for add-host: \"x\""},
        ValidateRow{"hosts_address", R"({"ExtraHosts":["a:b"]})", "invalid IP address in add-host: \"b\""},
        ValidateRow{"ports_backwards", R"({"PortBindings":{"80/tcp":[{"HostPort":"5-3"}]}})",
                    "invalid port specification: \"5-3\""}),
    row_name);

class BadConfig : public ::testing::TestWithParam<ValidateRow> {};

TEST_P(BadConfig, is_refused_in_dockers_words) {
  const Config config = config_from_json(Json::parse(GetParam().json));
  EXPECT_EQ(config_refusal([&] { validate_config(config); }), GetParam().error);
}

INSTANTIATE_TEST_SUITE_P(Rows, BadConfig,
                         ::testing::Values(ValidateRow{"workdir", R"({"WorkingDir":"rel"})",
                                                       "the working directory 'rel' is invalid, it needs to be an absolute path"},
                                           ValidateRow{"env", R"({"Env":["=x"]})", "invalid environment variable: =x"},
                                           ValidateRow{"empty_env", R"({"Env":[""]})", "invalid environment variable: "},
                                           ValidateRow{"signal", R"({"StopSignal":"FOO"})", "invalid signal: FOO"},
                                           ValidateRow{"interval", R"({"Healthcheck":{"Interval":5}})",
                                                       "Interval in Healthcheck cannot be less than 1ms"},
                                           ValidateRow{"nul", R"({"Cmd":["a\u0000b"]})", "Cmd contains a NUL byte"}),
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
