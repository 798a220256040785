// Docker's volume plugins behind Gantry, with a plugin of our own that also hangs, dies and answers garbage.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/mount.h>

#include <filesystem>
#include <memory>

#include "support/daemon.hpp"
#include "support/need.hpp"
#include "support/rootfs.hpp"

namespace gantry::test {
namespace {

using testing::HasSubstr;
namespace fs = std::filesystem;

constexpr const char* place = "/run/docker";

class DockerVolumePlugins : public testing::Test {
 protected:
  void SetUp() override {
    if (auto why = need_root() + need_busybox(); !why.empty()) GTEST_SKIP() << why;
    // The mount namespace is the test program's own.
    fs::create_directories(place);
    ASSERT_EQ(::mount("tmpfs", place, "tmpfs", 0, nullptr), 0);
    fs::create_directories(std::string(place) + "/plugins");
    fs::create_directories(std::string(place) + "/data");
    launch_plugin();
    daemon.start();
    import_busybox(daemon);
  }
  void TearDown() override {
    end_plugin();
    (void)::umount2(place, MNT_DETACH);
  }
  void launch_plugin() {
    fs::remove(socket);
    CommandOptions options;
    options.deadline = std::chrono::seconds(600);
    plugin = std::make_unique<Command>(
        std::vector<std::string>{"python3", build_dir() + "/tests/volume_plugin.py", socket, std::string(place) + "/data"},
        options);
    ASSERT_TRUE(eventually([&] { return fs::exists(socket); })) << "the plugin does not listen";
  }
  void end_plugin() {
    if (!plugin) return;
    ::kill(plugin->pid(), SIGKILL);
    (void)plugin->finish();
    plugin.reset();
  }
  std::string out(std::vector<std::string> args) {
    const Output o = daemon.gantry(std::move(args));
    EXPECT_EQ(o.code, 0) << o.err;
    return o.out;
  }
  std::string refused(std::vector<std::string> args) {
    const Output o = daemon.gantry(std::move(args));
    EXPECT_NE(o.code, 0) << o.out;
    return o.err;
  }
  std::string shell(const std::string& volume, const std::string& script) {
    return out({"run", "--rm", "--network", "none", "-v", volume, "busybox", "sh", "-c", script});
  }
  const std::string socket = std::string(place) + "/plugins/ours.sock";
  std::unique_ptr<Command> plugin;
  Daemon daemon;
};

TEST_F(DockerVolumePlugins, keep_volumes_by_the_name_of_their_driver) {
  EXPECT_EQ(out({"volume", "create", "-d", "ours", "--label", "a=b", "data"}), "data\n");
  EXPECT_EQ(shell("data:/d", "echo kept >/d/f"), "");
  EXPECT_EQ(shell("data:/d", "cat /d/f"), "kept\n");
  EXPECT_TRUE(fs::exists(std::string(place) + "/data/data/data/f"));
  EXPECT_EQ(out({"volume", "inspect", "-f", "{{.Driver}} {{.Scope}} {{.Mountpoint}} {{.Labels.a}} {{.Status.made}}", "data"}),
            "ours global /run/docker/data/data/data b here\n");
  EXPECT_EQ(out({"volume", "ls", "-q", "-f", "driver=ours"}), "data\n");
  out({"run", "-d", "--name", "box", "--network", "none", "--volume-driver", "ours", "-v", "other:/o", "busybox", "sleep",
       "1000"});
  EXPECT_EQ(out({"volume", "inspect", "-f", "{{.Driver}}", "other"}), "ours\n");
  EXPECT_THAT(refused({"volume", "rm", "other"}), HasSubstr("volume is in use"));
  out({"rm", "-f", "box"});
  EXPECT_EQ(out({"volume", "rm", "data", "other"}), "data\nother\n");
  EXPECT_FALSE(fs::exists(std::string(place) + "/data/data"));
}

TEST_F(DockerVolumePlugins, tell_what_is_wrong) {
  EXPECT_EQ(refused({"volume", "create", "-d", "nope", "v"}),
            "Error response from daemon: create v: error looking up volume plugin nope: plugin \"nope\" not found\n");
  EXPECT_THAT(refused({"volume", "create", "-d", "ours", "-o", "odd=1", "v"}),
              HasSubstr("create v: VolumeDriver.Create: unknown option odd"));
  EXPECT_EQ(out({"volume", "ls", "-q"}), "");
}

TEST_F(DockerVolumePlugins, survive_the_daemon_and_their_own_end) {
  out({"volume", "create", "-d", "ours", "data"});
  EXPECT_EQ(shell("data:/d", "echo kept >/d/f"), "");
  daemon.kill();
  end_plugin();
  daemon.start();
  EXPECT_EQ(out({"volume", "ls", "-q"}), "data\n");
  EXPECT_THAT(refused({"run", "--rm", "--network", "none", "-v", "data:/d", "busybox", "true"}), HasSubstr("VolumeDriver.Mount"));
  EXPECT_EQ(out({"ps", "-aq"}), "");
  launch_plugin();
  EXPECT_EQ(shell("data:/d", "cat /d/f"), "kept\n");
}

TEST_F(DockerVolumePlugins, that_hang_cost_nobody_else_anything) {
  out({"volume", "create", "-d", "ours", "-o", "hang=Mount", "stuck"});
  std::vector<std::unique_ptr<Command>> waiting;
  // More than the daemon has threads for what blocks.
  for (int i = 0; i < 20; ++i) {
    waiting.push_back(std::make_unique<Command>(
        daemon.gantry_argv({"run", "--rm", "--network", "none", "-v", "stuck:/s", "busybox", "true"}), daemon.client()));
    out({"volume", "ls"});
  }
  EXPECT_THAT(out({"volume", "ls", "-q"}), HasSubstr("stuck"));
  EXPECT_EQ(out({"volume", "inspect", "-f", "{{.Driver}}", "stuck"}), "ours\n");
  EXPECT_EQ(shell("well:/w", "echo well"), "well\n");
  out({"volume", "create", "-d", "ours", "also-well"});
  for (auto& command : waiting) ::kill(command->pid(), SIGKILL);
  for (auto& command : waiting) (void)command->finish();
  end_plugin(); // what waits for it ends
}

TEST_F(DockerVolumePlugins, that_answer_garbage_or_die_are_told) {
  out({"volume", "create", "-d", "ours", "-o", "garbage=Mount", "garbage"});
  EXPECT_THAT(refused({"run", "--rm", "--network", "none", "-v", "garbage:/s", "busybox", "true"}),
              HasSubstr("VolumeDriver.Mount: plugin \"ours\": the plugin's answer is no HTTP"));
  out({"volume", "create", "-d", "ours", "-o", "die=Mount", "dies"});
  EXPECT_THAT(refused({"run", "--rm", "--network", "none", "-v", "dies:/s", "busybox", "true"}),
              HasSubstr("VolumeDriver.Mount: plugin \"ours\""));
  EXPECT_EQ(out({"ps", "-aq"}), "");
  EXPECT_EQ(out({"volume", "ls", "-q"}), "dies\ngarbage\n");
  end_plugin();
  launch_plugin();
  EXPECT_EQ(out({"volume", "rm", "dies", "garbage"}), "dies\ngarbage\n");
}

} // namespace
} // namespace gantry::test
