// The bodies were recorded from docker 28.
#include <gtest/gtest.h>

#include <cstdlib>

#include "cli/commands/container/create_options.hpp"
#include "invocation.hpp"

namespace gantry::cli::test {
namespace {

Json body_of(std::vector<std::string> args, bool detached = false) {
  Given given(std::move(args));
  CreateOptions options;
  add_create_flags(given.flags, options);
  const Strings words = given.flags.parse(FlagSet::Stop::at_first_word);
  return create_body(options, given.flags, words, detached);
}

/// `part` holds what has to be in `whole`.
void expect_part(const Json& whole, const Json& part, const std::string& name) {
  for (const auto& [key, value] : part.items()) {
    ASSERT_TRUE(whole.contains(key)) << name << ": no " << key;
    if (value.is_object() && !value.empty() && whole[key].is_object()) {
      expect_part(whole[key], value, name + "." + key);
    } else {
      EXPECT_EQ(whole[key], value) << name << "." << key;
    }
  }
}

TEST(CreateBody, says_what_dockers_client_says) {
  ::setenv("GANTRY_TEST_HOME", "/root", 1);
  ::unsetenv("GANTRY_TEST_NONE");
  const struct {
    const char* name;
    Strings args;
    const char* part;
  } rows[] = {
      {"plain",
       {"busybox", "true"},
       R"({"Cmd":["true"],"Image":"busybox","Entrypoint":null,"AttachStdout":true,"AttachStdin":false,"HostConfig":{"NetworkMode":"default","MemorySwappiness":-1,"RestartPolicy":{"Name":"no","MaximumRetryCount":0}}})"},
      {"interactive",
       {"-it", "b"},
       R"({"Tty":true,"OpenStdin":true,"StdinOnce":true,"AttachStdin":true,"AttachStderr":true,"Cmd":null})"},
      {"one stream",
       {"-ia", "stdout", "b"},
       R"({"AttachStdin":false,"AttachStdout":true,"AttachStderr":false,"OpenStdin":true,"StdinOnce":false})"},
      {"environment",
       {"-e", "A=b", "-e", "GANTRY_TEST_HOME", "-eGANTRY_TEST_NONE", "b"},
       R"({"Env":["A=b","GANTRY_TEST_HOME=/root","GANTRY_TEST_NONE"]})"},
      {"flags of the command",
       {"b", "sh", "-c", "x", "--rm"},
       R"({"Cmd":["sh","-c","x","--rm"],"HostConfig":{"AutoRemove":false}})"},
      {"empty entrypoint", {"--entrypoint", "", "b"}, R"({"Entrypoint":[""]})"},
      {"labels", {"-l", "a", "-l", "b=c=d", "b"}, R"({"Labels":{"a":"","b":"c=d"}})"},
      {"limits",
       {"-m", "10m", "--cpus", "1.5", "--pids-limit", "5", "--memory-swap", "-1", "b"},
       R"({"HostConfig":{"Memory":10485760,"NanoCpus":1500000000,"PidsLimit":5,"MemorySwap":-1}})"},
      {"ulimits",
       {"--ulimit", "nofile=1:2", "--ulimit", "core=0", "b"},
       R"({"HostConfig":{"Ulimits":[{"Name":"core","Hard":0,"Soft":0},{"Name":"nofile","Hard":2,"Soft":1}]}})"},
      {"devices",
       {"--device", "/dev/null", "--device", "/dev/zero:/dev/z:r", "b"},
       R"({"HostConfig":{"Devices":[{"PathOnHost":"/dev/null","PathInContainer":"/dev/null","CgroupPermissions":"rwm"},{"PathOnHost":"/dev/zero","PathInContainer":"/dev/z","CgroupPermissions":"r"}]}})"},
      {"capabilities",
       {"--cap-add", "net_admin", "--cap-add", "all", "--cap-drop", "CAP_MKNOD", "b"},
       R"({"HostConfig":{"CapAdd":["ALL","CAP_NET_ADMIN"],"CapDrop":["CAP_MKNOD"]}})"},
      {"volumes",
       {"-v", "/a:/b:ro", "-v", "vol:/c", "-v", "/anon", "b"},
       R"({"Volumes":{"/anon":{}},"HostConfig":{"Binds":["/a:/b:ro","vol:/c"]}})"},
      {"tmpfs", {"--tmpfs", "/a", "--tmpfs", "/b:size=1m", "b"}, R"({"HostConfig":{"Tmpfs":{"/a":"","/b":"size=1m"}}})"},
      {"health",
       {"--health-cmd", "x y", "--health-interval", "5s", "b"},
       R"({"Healthcheck":{"Test":["CMD-SHELL","x y"],"Interval":5000000000}})"},
      {"probe",
       {"--probe", "http://:8080/healthz", "--on-unhealthy", "restart", "--health-retries", "2", "b"},
       R"({"Healthcheck":{"Retries":2},"Gantry":{"Probe":{"URL":"http://:8080/healthz"},"OnUnhealthy":"restart"}})"},
      {"restart",
       {"--restart", "on-failure:3", "b"},
       R"({"HostConfig":{"RestartPolicy":{"Name":"on-failure","MaximumRetryCount":3}}})"},
      {"network",
       {"--network", "foo", "--ip", "1.2.3.4", "--network-alias", "x", "b"},
       R"({"HostConfig":{"NetworkMode":"foo"},"NetworkingConfig":{"EndpointsConfig":{"foo":{"IPAMConfig":{"IPv4Address":"1.2.3.4"},"Aliases":["x"]}}}})"},
      {"gpus",
       {"--gpus", "count=2,driver=nv,\"capabilities=a,b\"", "b"},
       R"({"HostConfig":{"DeviceRequests":[{"Driver":"nv","Count":2,"DeviceIDs":null,"Capabilities":[["a","b","gpu"]],"Options":{}}]}})"},
      {"block I/O",
       {"--blkio-weight-device", "/dev/a:20", "--device-read-bps", "/dev/a:1mb", "b"},
       R"({"HostConfig":{"BlkioWeightDevice":[{"Path":"/dev/a","Weight":20}],"BlkioDeviceReadBps":[{"Path":"/dev/a","Rate":1048576}]}})"},
  };
  for (const auto& row : rows) expect_part(body_of(row.args), Json::parse(row.part), row.name);
}

TEST(CreateBody, detached_containers_attach_nothing) {
  expect_part(body_of({"b"}, true), Json::parse(R"({"AttachStdin":false,"AttachStdout":false,"AttachStderr":false})"),
              "detached");
}

TEST(CreateBody, wrong_values_get_dockers_sentence) {
  const struct {
    Strings args;
    const char* says;
  } rows[] = {
      {{"--rm", "--restart", "always", "b"}, "conflicting options: cannot specify both --restart and --rm"},
      {{"--health-cmd", "a", "--no-healthcheck", "b"}, "--no-healthcheck conflicts with --health-* options"},
      {{"--health-cmd", "a", "--probe", "tcp://:1", "b"}, "--health-cmd conflicts with --probe"},
      {{"--no-healthcheck", "--probe", "tcp://:1", "b"}, "--no-healthcheck conflicts with --probe"},
      {{"--device", "a:b:c:d", "b"}, "bad format for path: a:b:c:d"},
      {{"--storage-opt", "foo", "b"}, "invalid storage option"},
      {{"--security-opt", "foo", "b"}, "Invalid --security-opt: \"foo\""},
      {{"--security-opt", "seccomp=/nosuch", "b"},
       "opening seccomp profile (/nosuch) failed: open /nosuch: no such file or directory"},
      {{"--env-file", "/nosuch", "b"}, "open /nosuch: no such file or directory"},
  };
  for (const auto& row : rows) EXPECT_EQ(message_of([&row] { body_of(row.args); }), row.says);
}

} // namespace
} // namespace gantry::cli::test
