// The unmodified docker CLI, every version that is there: the one on PATH and Debian's 20.10 (build/docker-cli).
#include <gtest/gtest.h>
#include <unistd.h>

#include <functional>

#include "support/daemon.hpp"
#include "support/need.hpp"
#include "support/rootfs.hpp"

namespace gantry::test {
namespace {

struct Client {
  const char* name;
  std::string path; ///< empty: not on this machine
};

std::string on_path() {
  std::string found = run({"/bin/sh", "-c", "command -v docker"}).out;
  if (!found.empty()) found.pop_back();
  return found;
}

Client client_from_path() { return {"docker_on_path", on_path()}; }

Client client_20_10() {
  const std::string unpacked = build_dir() + "/../docker-cli/usr/bin/docker";
  return {"docker_20_10", ::access(unpacked.c_str(), X_OK) == 0 ? unpacked : ""};
}

class DockerCli : public testing::TestWithParam<Client (*)()> {
 protected:
  void SetUp() override {
    const Client client = GetParam()();
    if (auto why = need_root() + need_busybox(); !why.empty()) GTEST_SKIP() << why;
    if (client.path.empty()) GTEST_SKIP() << "needs " << client.name;
    daemon.use_docker(client.path);
    daemon.start();
    import_busybox(daemon);
  }
  Output docker(std::vector<std::string> args, CommandOptions options = {}) {
    return daemon.docker(std::move(args), std::move(options));
  }
  Daemon daemon;
};

TEST_P(DockerCli, runs_a_container) {
  const Output o = docker({"run", "--rm", "--network", "none", "busybox", "sh", "-c", "echo out; echo err >&2; exit 3"});
  EXPECT_EQ(o.out, "out\n");
  EXPECT_EQ(o.err, "err\n");
  EXPECT_EQ(o.code, 3);
}

TEST_P(DockerCli, feeds_stdin) {
  CommandOptions options;
  options.input = "hello\n";
  EXPECT_EQ(docker({"run", "--rm", "-i", "--network", "none", "busybox", "cat"}, options).out, "hello\n");
}

TEST_P(DockerCli, reports_a_missing_command_as_127_with_dockers_text) {
  const Output o = docker({"run", "--rm", "--network", "none", "busybox", "nosuch"});
  EXPECT_EQ(o.code, 127) << o.err;
  EXPECT_NE(o.err.find("exec: \"nosuch\": executable file not found in $PATH"), std::string::npos) << o.err;
}

TEST_P(DockerCli, lists_inspects_logs_execs_stops_and_removes) {
  ASSERT_EQ(docker({"run", "-d", "--name", "box", "--network", "none", "-e", "A=b", "busybox", "sh", "-c",
                    "echo started; exec sleep 1000"})
                .code,
            0);
  EXPECT_EQ(docker({"ps", "--format", "{{.Names}}:{{.Image}}"}).out, "box:busybox\n");
  EXPECT_EQ(docker({"inspect", "-f", "{{.State.Running}} {{.Config.Image}}", "box"}).out, "true busybox\n");
  EXPECT_TRUE(eventually([this] { return docker({"logs", "box"}).out == "started\n"; }));
  EXPECT_EQ(docker({"exec", "box", "sh", "-c", "echo $A; exit 4"}).out, "b\n");
  EXPECT_EQ(docker({"exec", "box", "sh", "-c", "exit 4"}).code, 4);
  EXPECT_EQ(docker({"top", "box"}).code, 0);
  EXPECT_EQ(docker({"rename", "box", "box2"}).code, 0);
  EXPECT_EQ(docker({"restart", "-t", "0", "box2"}).out, "box2\n");
  EXPECT_EQ(docker({"pause", "box2"}).code, 0);
  EXPECT_EQ(docker({"unpause", "box2"}).code, 0);
  EXPECT_EQ(docker({"stats", "--no-stream", "box2"}).code, 0);
  EXPECT_EQ(docker({"stop", "-t", "0", "box2"}).out, "box2\n");
  EXPECT_EQ(docker({"wait", "box2"}).out, "137\n");
  EXPECT_EQ(docker({"start", "box2"}).out, "box2\n");
  EXPECT_EQ(docker({"kill", "box2"}).out, "box2\n");
  EXPECT_EQ(docker({"rm", "-f", "box2"}).out, "box2\n");
}

TEST_P(DockerCli, handles_images) {
  EXPECT_EQ(docker({"tag", "busybox", "other:1"}).code, 0);
  EXPECT_NE(docker({"images"}).out.find("other"), std::string::npos);
  EXPECT_EQ(docker({"history", "busybox"}).code, 0);
  EXPECT_EQ(docker({"image", "inspect", "-f", "{{.Os}}", "other:1"}).out, "linux\n");
  EXPECT_NE(docker({"rmi", "other:1"}).out.find("Untagged: other:1"), std::string::npos);
  const Output load = docker({"load", "-i", build_dir() + "/share/gantry/hello.tar"});
  EXPECT_EQ(load.out, "Loaded image: gantry/hello:latest\n") << load.err;
}

TEST_P(DockerCli, shows_version_and_info) {
  EXPECT_EQ(docker({"version", "-f", "{{.Server.Os}}"}).out, "linux\n");
  EXPECT_EQ(docker({"info", "-f", "{{.OSType}} {{.Swarm.LocalNodeState}}"}).out, "linux inactive\n");
  const Output o = docker({"info"});
  EXPECT_EQ(o.code, 0) << o.err;
}

TEST_P(DockerCli, prunes_everything_as_gantry_does) {
  const auto what_prune_says = [&](const std::function<Output(std::vector<std::string>)>& client) {
    std::string id = client({"create", "--network", "none", "busybox"}).out;
    client({"network", "create", "lan"});
    const Output o = client({"system", "prune", "-f"});
    EXPECT_EQ(o.code, 0) << o.err;
    EXPECT_EQ(o.out, "Deleted Containers:\n" + id + "\nDeleted Networks:\nlan\n\nTotal reclaimed space: 0B\n");
  };
  what_prune_says([this](std::vector<std::string> args) { return docker(std::move(args)); });
  what_prune_says([this](std::vector<std::string> args) { return daemon.gantry(std::move(args)); });
  CommandOptions no;
  no.input = "n\n";
  const Output asked = daemon.gantry({"system", "prune", "-a", "--volumes", "--filter", "label=x"}, no);
  EXPECT_EQ(asked.code, 0);
  EXPECT_NE(
      asked.out.find("  Items to be pruned will be filtered with:\n  - label=x\n\nAre you sure you want to continue? [y/N] "),
      std::string::npos)
      << asked.out;
  EXPECT_EQ(daemon.gantry({"system", "prune", "-f", "--volumes", "--filter", "until=1h"}).err,
            "ERROR: The \"until\" filter is not supported with \"--volumes\"\n");
  EXPECT_EQ(docker({"system", "prune", "-af", "--filter", "label=x"}).code, 0);
}

TEST_P(DockerCli, a_missing_container_is_said_as_docker_says_it) {
  const Output o = docker({"start", "nosuch"});
  EXPECT_EQ(o.code, 1);
  EXPECT_NE(o.err.find("No such container: nosuch"), std::string::npos) << o.err;
}

INSTANTIATE_TEST_SUITE_P(All, DockerCli, testing::Values(&client_from_path, &client_20_10),
                         [](const auto& info) { return std::string(info.index == 0 ? "on_path" : "debian_20_10"); });

} // namespace
} // namespace gantry::test
