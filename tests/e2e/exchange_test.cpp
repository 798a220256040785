// Images between engines: what Gantry pushes runs under podman and dockerd, and the reverse, through a real registry.
#include <gtest/gtest.h>
#include <signal.h>

#include <filesystem>
#include <fstream>

#include "base/file.hpp"
#include "base/json.hpp"
#include "images/digest.hpp"
#include "images/image_config.hpp"
#include "support/daemon.hpp"
#include "support/need.hpp"
#include "support/registry.hpp"
#include "support/rootfs.hpp"
#include "unit/images/archive_builder.hpp"

namespace gantry::test {
namespace {

using Words = std::vector<std::string>;

std::string need_program(const std::string& name) {
  return run({"/bin/sh", "-c", "command -v " + name}).code == 0 ? "" : "needs " + name;
}

class Exchange : public testing::Test {
 protected:
  void SetUp() override {
    if (auto why = need_root() + need_busybox() + need_registry(); !why.empty()) GTEST_SKIP() << why;
    server = std::make_unique<RegistryProcess>();
    root = server->dir() + "/other";
    std::filesystem::create_directories(root);
    daemon.start();
    import_busybox(daemon);
    daemon.gantry({"tag", "busybox", name("ours")});
    const auto pushed = daemon.gantry({"push", "-q", name("ours")});
    ASSERT_EQ(pushed.code, 0) << pushed.err;
  }
  /// The other engine's mounts lie in this program's own mount namespace; its directory goes with the registry's.
  void TearDown() override {
    if (!root.empty()) run({"/bin/sh", "-c", "grep -o \" $0/[^ ]*\" /proc/self/mounts | sort -r | xargs -r umount -l", root});
  }

  std::string name(const std::string& repository) const { return server->host() + "/" + repository + ":1"; }
  void expect_runs_here(const std::string& image) {
    const auto o = daemon.gantry({"run", "--rm", "--network", "none", image, "echo", "from there"});
    EXPECT_EQ(o.out, "from there\n") << o.err;
  }
  static void expect_ok(const Output& o) { EXPECT_EQ(o.code, 0) << o.err; }

  std::unique_ptr<RegistryProcess> server;
  std::string root;
  Daemon daemon;
};

TEST_F(Exchange, with_podman) {
  if (auto why = need_program("podman") + need_program("runc"); !why.empty()) GTEST_SKIP() << why;
  const auto podman = [this](Words args) {
    args.insert(args.begin(), {"podman", "--runtime", "runc", "--root", root + "/data", "--runroot", root + "/run",
                               "--cgroup-manager", "cgroupfs", "--log-level", "error"});
    return run(args);
  };
  expect_ok(podman({"pull", "-q", "--tls-verify=false", name("ours")}));
  // Its default limits need CAP_SYS_RESOURCE, which not every machine gives.
  const auto o = podman({"run", "--rm", "--network", "none", "--ulimit", "nofile=1024:1024", "--ulimit", "nproc=1000:1000",
                         name("ours"), "echo", "hello"});
  EXPECT_EQ(o.out, "hello\n") << o.err;
  expect_ok(podman({"import", "-q", "-c", "CMD sh", daemon.dir() + "/busybox.tar", name("theirs")}));
  expect_ok(podman({"push", "-q", "--tls-verify=false", name("theirs")}));
  expect_runs_here(name("theirs"));
  expect_ok(podman({"save", "-q", "-o", root + "/saved.tar", name("theirs")}));
  expect_ok(daemon.gantry({"rmi", name("theirs")}));
  expect_ok(daemon.gantry({"load", "-i", root + "/saved.tar"}));
  expect_runs_here(name("theirs"));
  expect_ok(daemon.gantry({"save", "-o", root + "/ours.tar", name("ours")}));
  expect_ok(podman({"rmi", name("ours")}));
  expect_ok(podman({"load", "-q", "-i", root + "/ours.tar"}));
  expect_ok(podman({"image", "exists", name("ours")}));
}

/// skopeo and podman read what was pushed and saved of several platforms.
TEST_F(Exchange, of_several_platforms) {
  if (auto why = need_program("skopeo") + need_program("podman"); !why.empty()) GTEST_SKIP() << why;
  const std::string own = "linux/" + images::host_architecture(), archive = root + "/both.tar";
  std::ofstream(archive) << platforms_layout({own, "linux/s390x"}, name("both"));
  expect_ok(daemon.gantry({"load", "-i", archive}));
  expect_ok(daemon.gantry({"push", "-q", name("both")}));
  expect_ok(daemon.gantry({"save", "-o", root + "/saved.tar", name("both")}));
  const auto skopeo = [](Words args) {
    args.insert(args.begin(), {"skopeo", "--insecure-policy", "copy", "-q", "--src-tls-verify=false"});
    return run(args);
  };
  expect_ok(skopeo({"--all", "docker://" + name("both"), "dir:" + root + "/pushed"}));
  expect_ok(skopeo({"--all", "oci-archive:" + root + "/saved.tar", "dir:" + root + "/saved"}));
  const auto index = read_file(root + "/pushed/manifest.json", 1 << 20);
  EXPECT_EQ(read_file(root + "/saved/manifest.json", 1 << 20), index) << "both are the index as it came";
  ASSERT_EQ(Json::parse(index)["manifests"].size(), 2u);
  expect_ok(skopeo({"docker-archive:" + root + "/saved.tar", "dir:" + root + "/old"}));
  EXPECT_EQ(Json::parse(read_file(root + "/old/manifest.json", 1 << 20))["config"]["digest"],
            images::sha256_of(platform_config(own)));

  const auto podman = [this](Words args) {
    args.insert(args.begin(), {"podman", "--root", root + "/data", "--runroot", root + "/run", "--log-level", "error"});
    return run(args);
  };
  expect_ok(podman({"load", "-q", "-i", root + "/saved.tar"}));
  EXPECT_EQ(podman({"image", "inspect", "--format", "{{.Architecture}}", name("both")}).out, images::host_architecture() + "\n");
  expect_ok(podman({"rmi", name("both")}));
  expect_ok(podman({"pull", "-q", "--tls-verify=false", "--platform", "linux/s390x", name("both")}));

  expect_ok(daemon.gantry({"rmi", name("both")}));
  for (const std::string platform : {"linux/s390x", own.c_str()})
    expect_ok(daemon.gantry({"pull", "-q", "--platform", platform, name("both")}));
  expect_ok(daemon.gantry({"save", "-o", root + "/again.tar", name("both")}));
  expect_ok(skopeo({"--all", "oci-archive:" + root + "/again.tar", "dir:" + root + "/again"}));
  EXPECT_EQ(read_file(root + "/again/manifest.json", 1 << 20), index);
}

TEST_F(Exchange, with_dockerd) {
  if (auto why = need_program("dockerd") + need_program("docker"); !why.empty()) GTEST_SKIP() << why;
  const auto host = "unix://" + root + "/s";
  Command dockerd({"dockerd", "-H", host, "--data-root", root + "/data", "--exec-root", root + "/run", "--pidfile", root + "/pid",
                   "--bridge", "none", "--iptables=false"});
  const auto docker = [&](Words args) {
    args.insert(args.begin(), "docker");
    return run(args, {.env = {{"DOCKER_HOST", host}}});
  };
  ASSERT_TRUE(eventually([&] { return docker({"version"}).code == 0; }));
  expect_ok(docker({"pull", "-q", name("ours")}));
  const auto o = docker({"run", "--rm", "--network", "none", name("ours"), "echo", "hello"});
  EXPECT_EQ(o.out, "hello\n") << o.err;
  expect_ok(docker({"import", "-c", "CMD sh", daemon.dir() + "/busybox.tar", name("theirs")}));
  expect_ok(docker({"push", "-q", name("theirs")}));
  expect_runs_here(name("theirs"));
  expect_ok(docker({"save", "-o", root + "/saved.tar", name("theirs")}));
  expect_ok(daemon.gantry({"rmi", name("theirs")}));
  expect_ok(daemon.gantry({"load", "-i", root + "/saved.tar"}));
  expect_runs_here(name("theirs"));
  expect_ok(daemon.gantry({"save", "-o", root + "/ours.tar", name("ours")}));
  expect_ok(docker({"rmi", name("ours")}));
  expect_ok(docker({"load", "-q", "-i", root + "/ours.tar"}));
  expect_ok(docker({"image", "inspect", name("ours")}));
  dockerd.signal(SIGTERM);
  EXPECT_EQ(dockerd.finish().code, 0);
}

TEST(FullDisk, in_mid_pull_is_told_and_the_next_pull_goes_on) {
  if (auto why = need_root() + need_busybox() + need_registry(); !why.empty()) GTEST_SKIP() << why;
  RegistryProcess server;
  Daemon daemon;
  std::filesystem::create_directories(daemon.data_root());
  ASSERT_EQ(run({"mount", "-t", "tmpfs", "-o", "size=40m", "small", daemon.data_root()}).code, 0);
  const auto name = server.host() + "/big:1";
  daemon.start();
  import_busybox(daemon);
  const std::string script = "head -c 30000000 /dev/urandom >$0/big && tar -C $0 -cf $0/root.tar big && rm $0/big";
  ASSERT_EQ(run({"/bin/sh", "-c", script, server.dir()}).code, 0);
  {
    Daemon other;
    other.start();
    ASSERT_EQ(other.gantry({"import", server.dir() + "/root.tar", name}).code, 0);
    ASSERT_EQ(other.gantry({"push", "-q", name}).code, 0);
  }
  const auto failed = daemon.docker({"pull", name});
  EXPECT_NE(failed.code, 0);
  EXPECT_NE(failed.err.find("o space left on device"), std::string::npos) << failed.err;
  EXPECT_EQ(daemon.gantry({"images", "-q", name}).out, "");
  EXPECT_EQ(daemon.gantry({"system", "check"}).code, 0);
  ASSERT_EQ(run({"mount", "-o", "remount,size=200m", daemon.data_root()}).code, 0);
  const auto again = daemon.docker({"pull", name});
  EXPECT_EQ(again.code, 0) << again.err;
  EXPECT_EQ(daemon.gantry({"system", "check"}).code, 0);
  daemon.terminate();
  EXPECT_EQ(run({"umount", daemon.data_root()}).code, 0);
}

} // namespace
} // namespace gantry::test
