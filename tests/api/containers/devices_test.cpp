// --gpus and CDI: DeviceRequests.
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "support/daemon.hpp"
#include "support/http_client.hpp"
#include "support/need.hpp"
#include "support/rootfs.hpp"

namespace gantry::test {
namespace {

class DeviceRequests : public testing::Test {
 protected:
  void SetUp() override {
    if (auto why = need_root() + need_busybox(); !why.empty()) GTEST_SKIP() << why;
    daemon_ = std::make_unique<Daemon>(std::vector<std::string>{"--cdi-spec-dir", specs()});
    daemon_->start();
    import_busybox(*daemon_);
  }
  void TearDown() override {
    daemon_.reset();
    std::filesystem::remove_all(specs());
  }
  static std::string specs() { return "/tmp/gantry-cdi-" + std::to_string(::getpid()); }
  static void write_spec(const std::string& name, const std::string& text) {
    std::filesystem::create_directories(specs());
    std::ofstream(specs() + "/" + name) << text;
  }
  Output run(const std::string& request, const std::string& script) {
    HttpClient client(daemon_->socket());
    const auto made = client.post_json("/containers/create?name=dev",
                                       R"({"Image":"busybox","Cmd":["sh","-c",")" + script +
                                           R"("],"HostConfig":{"NetworkMode":"none","DeviceRequests":[)" + request + "]}}");
    EXPECT_EQ(made.status, 201) << made.body;
    started_ = client.post("/containers/dev/start");
    client.post("/containers/dev/wait");
    const Output logs = daemon_->gantry({"logs", "dev"});
    daemon_->gantry({"rm", "-f", "dev"});
    return logs;
  }
  std::unique_ptr<Daemon> daemon_;
  HttpReply started_;
};

TEST_F(DeviceRequests, gpus_without_a_driver_are_answered_as_by_docker) {
  run(R"({"Driver":"","Count":-1,"DeviceIDs":null,"Capabilities":[["gpu"]],"Options":{}})", "true");
  EXPECT_EQ(started_.status, 500);
  EXPECT_EQ(started_.body, "{\"message\":\"could not select device driver \\\"\\\" with capabilities: [[gpu]]\"}\n");
  run(R"({"Driver":"nvidia","Count":1,"Capabilities":[["gpu","utility"],["x"]]})", "true");
  EXPECT_NE(started_.body.find("driver \\\"nvidia\\\" with capabilities: [[gpu utility] [x]]"), std::string::npos)
      << started_.body;
}

TEST_F(DeviceRequests, of_a_wrong_shape_are_refused_at_create) {
  HttpClient client(daemon_->socket());
  for (const char* bad : {R"({"DeviceRequests":7})", R"({"DeviceRequests":[7]})", R"({"DeviceRequests":[{"DeviceIDs":"x"}]})",
                          R"({"DeviceRequests":[{"Count":1,"DeviceIDs":["x"]}]})"}) {
    const auto reply = client.post_json("/containers/create", std::string(R"({"Image":"busybox","HostConfig":)") + bad + "}");
    EXPECT_EQ(reply.status, 400) << bad << reply.body;
  }
}

TEST_F(DeviceRequests, cdi_devices_bring_environment_nodes_mounts_and_hooks) {
  write_spec("vendor.json", R"({"cdiVersion":"0.6.0","kind":"vendor.com/thing",
    "containerEdits":{"env":["COMMON=yes"]},
    "devices":[{"name":"one","containerEdits":{"env":["ONE=1"],
      "deviceNodes":[{"path":"/dev/mynull","hostPath":"/dev/null"}],
      "mounts":[{"hostPath":"/etc/hostname","containerPath":"/host-name","options":["ro","bind"]}],
      "hooks":[{"hookName":"createContainer","path":"/bin/sh","args":["sh","-c","echo hooked >)" +
                                specs() + R"(/mark"]}]}}]})");
  const Output out = run(R"({"Driver":"cdi","DeviceIDs":["vendor.com/thing=one"]})",
                         "echo $COMMON $ONE; ls -l /dev/mynull | cut -c1,21-40; echo x >/dev/mynull && wc -c </host-name");
  EXPECT_EQ(started_.status, 204) << started_.body;
  EXPECT_TRUE(out.out.starts_with("yes 1\nc")) << out.out << out.err;
  EXPECT_TRUE(std::filesystem::exists(specs() + "/mark"));
}

TEST_F(DeviceRequests, yaml_specs_work_and_broken_ones_are_left_out) {
  write_spec("a.yaml", "cdiVersion: 0.5.0\nkind: v.org/c\ndevices:\n- name: d0\n  containerEdits:\n    env: [\"Y=yaml\"]\n");
  write_spec("b.json", "{ broken");
  EXPECT_EQ(run(R"({"Driver":"cdi","DeviceIDs":["v.org/c=d0"]})", "echo $Y").out, "yaml\n");
}

TEST_F(DeviceRequests, unknown_cdi_devices_are_refused_at_start) {
  run(R"({"Driver":"cdi","DeviceIDs":["vendor.com/thing=none","x.y/z=0"]})", "true");
  EXPECT_EQ(started_.status, 500);
  EXPECT_EQ(started_.body,
            "{\"message\":\"CDI device injection failed: unresolvable CDI devices vendor.com/thing=none, x.y/z=0\"}\n");
}

TEST_F(DeviceRequests, the_cli_takes_cdi_names_for_devices) {
  write_spec("vendor.json",
             R"({"cdiVersion":"0.6.0","kind":"vendor.com/thing","devices":[{"name":"one","containerEdits":{"env":["ONE=1"]}}]})");
  const Output o = daemon_->gantry(
      {"run", "--rm", "--network", "none", "--device", "vendor.com/thing=one", "busybox", "sh", "-c", "echo $ONE"});
  EXPECT_EQ(o.out, "1\n") << o.err;
}

} // namespace
} // namespace gantry::test
