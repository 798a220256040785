// Real programs of Debian: a root filesystem as debootstrap makes it, and Redis with its data on a volume.
#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "support/daemon.hpp"
#include "support/need.hpp"

namespace gantry::test {
namespace {

/// Made by scripts/debian-rootfs.sh, since the tests have no network.
std::string debian_tar() { return build_dir() + "/../debian.tar"; }

TEST(RealImage, debian_runs_from_an_imported_debootstrap) {
  if (auto why = need_root(); !why.empty()) GTEST_SKIP() << why;
  const std::string tar = debian_tar();
  if (::access(tar.c_str(), R_OK) != 0) GTEST_SKIP() << "needs " << tar << ": debootstrap and a Debian mirror";
  Daemon daemon;
  daemon.start();
  const Output imported = daemon.gantry({"import", tar, "debian:12"});
  ASSERT_EQ(imported.code, 0) << imported.err;
  const Output release = daemon.gantry({"run", "--rm", "--network", "none", "debian:12", "cat", "/etc/os-release"});
  EXPECT_NE(release.out.find("bookworm"), std::string::npos) << release.err;
  EXPECT_EQ(daemon.gantry({"run", "--rm", "--network", "none", "-u", "nobody", "debian:12", "id", "-un"}).out, "nobody\n");
  EXPECT_EQ(daemon.gantry({"run", "--rm", "--network", "none", "debian:12", "bash", "-c", "dpkg -l >/dev/null && echo ok"}).out,
            "ok\n");
  EXPECT_EQ(
      daemon.gantry({"run", "--rm", "--network", "none", "debian:12", "sh", "-c", "ls -l /proc/self/fd | grep -c -- '->'"}).out,
      "4\n");
}

/// A daemon with a Redis that keeps its data on the volume "store".
class Redis : public testing::Test {
 protected:
  void SetUp() override {
    if (auto why = need_root(); !why.empty()) GTEST_SKIP() << why;
    const std::string tar = build_dir() + "/../redis.tar";
    if (::access(tar.c_str(), R_OK) != 0) GTEST_SKIP() << "needs " << tar << ": a Debian mirror (scripts/redis-rootfs.sh)";
    daemon.start();
    const Output imported = daemon.gantry({"import", "-c", "ENV LD_LIBRARY_PATH=/usr/lib", tar, "redis:deb"});
    ASSERT_EQ(imported.code, 0) << imported.err;
  }
  void launch(const std::string& name) {
    const Output o = daemon.gantry({"run", "-d", "--name", name, "--network", "none", "-v", "store:/data", "-w", "/data",
                                    "redis:deb", "redis-server", "--appendonly", "yes", "--appendfsync", "always"});
    ASSERT_EQ(o.code, 0) << o.err;
    ASSERT_TRUE(eventually([&] { return ask(name, {"ping"}) == "PONG\n"; })) << daemon.gantry({"logs", name}).out;
  }
  std::string ask(const std::string& name, std::vector<std::string> words) {
    words.insert(words.begin(), {"exec", name, "redis-cli"});
    return daemon.gantry(std::move(words)).out;
  }
  Daemon daemon;
};

TEST_F(Redis, keeps_its_data_when_its_container_is_replaced_and_when_everything_is_killed) {
  launch("one");
  EXPECT_EQ(ask("one", {"set", "a", "1"}), "OK\n");
  EXPECT_EQ(daemon.gantry({"rm", "-f", "one"}).code, 0);
  launch("two");
  EXPECT_EQ(ask("two", {"get", "a"}), "1\n");
  EXPECT_EQ(ask("two", {"set", "b", "2"}), "OK\n");
  const std::string pid = daemon.gantry({"inspect", "-f", "{{.State.Pid}}", "two"}).out;
  const pid_t store = std::stoi(pid);
  std::ifstream status("/proc/" + std::to_string(store) + "/status");
  pid_t shim = 0;
  for (std::string line; std::getline(status, line);) {
    if (line.rfind("PPid:", 0) == 0) shim = std::stoi(line.substr(5));
  }
  ASSERT_GT(shim, 1);
  daemon.kill();
  ::kill(shim, SIGKILL);
  ::kill(store, SIGKILL);
  daemon.start();
  EXPECT_EQ(daemon.gantry({"rm", "-f", "two"}).code, 0);
  launch("three");
  EXPECT_EQ(ask("three", {"get", "a"}), "1\n");
  EXPECT_EQ(ask("three", {"get", "b"}), "2\n");
}

} // namespace
} // namespace gantry::test
