// SIGKILL of the daemon: containers run on, and the next daemon knows what happened.
#include <gtest/gtest.h>

#include "support/daemon.hpp"
#include "support/need.hpp"
#include "support/rootfs.hpp"

namespace gantry::test {
namespace {

class Recovery : public testing::Test {
 protected:
  void SetUp() override {
    if (auto why = need_root() + need_busybox(); !why.empty()) GTEST_SKIP() << why;
    daemon.start();
    import_busybox(daemon);
  }
  Output gantry(std::vector<std::string> args) { return daemon.gantry(std::move(args)); }
  std::string inspect(const std::string& format, const std::string& name) { return gantry({"inspect", "-f", format, name}).out; }
  void run_detached(const std::string& name, const std::string& script, std::vector<std::string> flags = {}) {
    std::vector<std::string> args{"run", "-d", "--name", name, "--network", "none"};
    args.insert(args.end(), flags.begin(), flags.end());
    args.insert(args.end(), {"busybox", "sh", "-c", script});
    const Output o = gantry(args);
    ASSERT_EQ(o.code, 0) << o.err;
  }
  Daemon daemon;
};

TEST_F(Recovery, a_running_container_is_adopted_with_its_pid) {
  run_detached("box", "exec sleep 1000");
  const std::string pid = inspect("{{.State.Pid}} {{.State.StartedAt}}", "box");
  daemon.kill();
  daemon.start();
  EXPECT_EQ(inspect("{{.State.Pid}} {{.State.StartedAt}}", "box"), pid);
  EXPECT_EQ(inspect("{{.State.Status}}", "box"), "running\n");
  EXPECT_EQ(gantry({"exec", "box", "echo", "alive"}).out, "alive\n");
  EXPECT_EQ(gantry({"stop", "-t", "0", "box"}).code, 0);
  EXPECT_EQ(inspect("{{.State.ExitCode}}", "box"), "137\n");
}

TEST_F(Recovery, an_exit_while_the_daemon_is_away_is_reported_with_code_and_time) {
  run_detached("box", "sleep 0.5; exit 7");
  daemon.kill();
  run({"sleep", "1"});
  const std::string before = run({"date", "-u", "+%Y-%m-%dT%H:%M:%S.%N"}).out;
  run({"sleep", "1"});
  daemon.start();
  EXPECT_EQ(inspect("{{.State.Status}} {{.State.ExitCode}}", "box"), "exited 7\n");
  EXPECT_LT(inspect("{{.State.FinishedAt}}", "box"), before) << "the exit's own time, not the restart's";
}

TEST_F(Recovery, auto_remove_is_finished_after_the_fact) {
  run_detached("box", "sleep 0.3", {"--rm"});
  daemon.kill();
  run({"sleep", "0.6"});
  daemon.start();
  EXPECT_TRUE(eventually([this] { return gantry({"ps", "-aq"}).out.empty(); }));
}

TEST_F(Recovery, logs_written_while_the_daemon_is_away_are_there) {
  run_detached("box", "for i in 1 2 3 4 5 6 7 8; do echo $i; sleep 0.1; done");
  daemon.kill();
  run({"sleep", "1.2"});
  daemon.start();
  EXPECT_EQ(gantry({"logs", "box"}).out, "1\n2\n3\n4\n5\n6\n7\n8\n");
}

TEST_F(Recovery, a_restart_policy_is_kept_over_a_daemon_restart) {
  run_detached("box", "sleep 0.3; exit 1", {"--restart", "always"});
  daemon.kill();
  run({"sleep", "0.6"});
  daemon.start();
  EXPECT_TRUE(eventually([this] { return inspect("{{.State.Running}}", "box") == "true\n"; }));
}

TEST_F(Recovery, a_sigterm_stops_containers_and_a_new_daemon_knows) {
  run_detached("box", "trap 'exit 0' TERM; while :; do sleep 0.05; done");
  EXPECT_EQ(daemon.terminate(), 0);
  daemon.start();
  EXPECT_EQ(inspect("{{.State.Status}}", "box"), "exited\n");
}

TEST_F(Recovery, two_daemons_side_by_side_do_not_see_each_other) {
  Daemon other;
  other.start();
  run_detached("box", "exec sleep 1000");
  EXPECT_EQ(other.gantry({"ps", "-aq"}).out, "");
  EXPECT_EQ(other.gantry({"run", "--rm", "--network", "none", "--name", "box", "gantry/hello", "true"}).code, 0);
  other.kill();
  other.start();
  EXPECT_EQ(inspect("{{.State.Status}}", "box"), "running\n");
}

} // namespace
} // namespace gantry::test
