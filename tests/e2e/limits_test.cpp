// Limits and their update, as the users of both clients see them.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "support/daemon.hpp"
#include "support/need.hpp"
#include "support/rootfs.hpp"

namespace gantry::test {
namespace {

class Limits : public testing::Test {
 protected:
  void SetUp() override {
    if (auto why = need_root() + need_busybox(); !why.empty()) GTEST_SKIP() << why;
    daemon.start();
  }
  std::string inspect(const std::string& name, const std::string& member) {
    return daemon.gantry({"inspect", "--format", "{{" + member + "}}", name}).out;
  }
  void run_box(std::vector<std::string> options) {
    std::vector<std::string> args{"run", "-d", "--name", "box", "--network", "none"};
    args.insert(args.end(), options.begin(), options.end());
    args.insert(args.end(), {"gantry/hello", "sleep", "1000"});
    const Output o = daemon.gantry(args);
    ASSERT_EQ(o.code, 0) << o.err;
  }
  /// The limit of processes that the kernel knows of.
  std::string pids_max() {
    std::string pid = inspect("box", ".State.Pid");
    pid.pop_back();
    std::ifstream groups("/proc/" + pid + "/cgroup");
    const bool v2 = std::filesystem::exists("/sys/fs/cgroup/cgroup.controllers");
    const std::string mark = v2 ? "0::" : ":pids:", mount = v2 ? "/sys/fs/cgroup" : "/sys/fs/cgroup/pids";
    std::string text;
    for (std::string line; std::getline(groups, line);)
      if (const auto at = line.find(mark); at != std::string::npos)
        std::getline(std::ifstream(mount + line.substr(at + mark.size()) + "/pids.max"), text);
    return text;
  }
  Daemon daemon;
};

TEST_F(Limits, each_row_of_the_table_holds) {
  import_busybox(daemon);
  CommandOptions options = daemon.client();
  options.env["PATH"] = build_dir() + "/bin:/usr/sbin:/usr/bin:/sbin:/bin";
  options.deadline = std::chrono::seconds(200);
  const Output table = run({"/bin/sh", GANTRY_LIMITS_TABLE, "busybox"}, options);
  EXPECT_EQ(table.code, 0) << table.out << table.err;
  EXPECT_NE(table.out.find("ok: update memory\n"), std::string::npos) << table.out << table.err;
}

TEST_F(Limits, updates_outlast_a_daemon_that_is_killed) {
  run_box({"--pids-limit", "20"});
  EXPECT_EQ(pids_max(), "20");
  ASSERT_EQ(daemon.gantry({"update", "--pids-limit", "40", "--restart", "on-failure:3", "box"}).out, "box\n");
  EXPECT_EQ(pids_max(), "40");
  daemon.kill();
  daemon.start();
  EXPECT_EQ(inspect("box", ".HostConfig.PidsLimit"), "40\n");
  EXPECT_EQ(inspect("box", ".HostConfig.RestartPolicy.Name"), "on-failure\n");
  EXPECT_EQ(pids_max(), "40");
}

TEST_F(Limits, an_update_that_died_with_its_daemon_leaves_kernel_and_inspect_in_agreement) {
  for (const char* point : {"update.after_mark", "update.after_kernel", "update.after_store"}) {
    run_box({"--pids-limit", "20"});
    daemon.kill();
    daemon.start({{"GANTRY_FAILPOINTS", std::string(point) + "=kill"}});
    EXPECT_NE(daemon.gantry({"update", "--pids-limit", "40", "box"}).code, 0) << point;
    daemon.wait_exit();
    daemon.start();
    EXPECT_EQ(inspect("box", ".HostConfig.PidsLimit"), pids_max() + "\n") << point;
    EXPECT_EQ(daemon.gantry({"rm", "-f", "box"}).code, 0);
  }
}

TEST_F(Limits, dockers_client_updates_as_ours_does) {
  if (run({"/bin/sh", "-c", "command -v docker"}).code != 0) GTEST_SKIP() << "needs a docker CLI";
  run_box({"--rm"});
  const std::vector<std::pair<std::vector<std::string>, std::string>> refused{
      {{"--memory", "1m"}, "Minimum memory limit allowed is 6MB"},
      {{"--restart", "always"}, "Restart policy cannot be updated because AutoRemove is enabled for the container"},
      {{"--cpuset-cpus", "900"}, "Requested CPUs are not available - requested 900, available: "},
      {{"--memory", "64m"},
       "Memory limit should be smaller than already set memoryswap limit, update the memoryswap at the same time"},
      {{}, "you must provide one or more flags when using this command"}};
  for (auto [options, text] : refused) {
    options.insert(options.begin(), "update");
    options.push_back("box");
    const Output theirs = daemon.docker(options), ours = daemon.gantry(options);
    EXPECT_EQ(theirs.code, 1);
    EXPECT_EQ(ours.code, 1);
    EXPECT_NE(theirs.err.find(text), std::string::npos) << theirs.err;
    EXPECT_EQ(ours.err, theirs.err);
  }
  const Output both = daemon.docker({"update", "--pids-limit", "33", "box", "nosuch"});
  EXPECT_EQ(both.out, "box\n");
  EXPECT_NE(both.err.find("No such container: nosuch"), std::string::npos) << both.err;
  EXPECT_EQ(pids_max(), "33");
  // Ours: docker's client cuts "now" to whole seconds.
  const Output events = daemon.gantry({"events", "--since", "1h", "--until", "0s", "--filter", "event=update", "--format",
                                       "{{.Type}} {{.Action}} {{.Actor.Attributes.name}}"});
  EXPECT_EQ(events.out, "container update box\n") << events.err;
}

TEST_F(Limits, info_tells_what_the_kernel_can_do) {
  const bool v2 = std::filesystem::exists("/sys/fs/cgroup/cgroup.controllers");
  const bool swap = v2 || std::filesystem::exists("/sys/fs/cgroup/memory/memory.memsw.limit_in_bytes");
  const Output o = daemon.gantry({"info", "--format", "{{.MemoryLimit}} {{.SwapLimit}} {{.OomKillDisable}}"});
  EXPECT_EQ(o.out, std::string("true ") + (swap ? "true" : "false") + (v2 ? " false\n" : " true\n"));
  const Output warnings = daemon.gantry({"info", "--format", "{{.Warnings}}"});
  EXPECT_EQ(warnings.out.find("No swap limit support") == std::string::npos, swap) << warnings.out;
}

} // namespace
} // namespace gantry::test
