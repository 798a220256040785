// Output, input and logs: nothing is lost, and the daemon is not in the way.
#include <gtest/gtest.h>
#include <signal.h>

#include <algorithm>

#include "support/daemon.hpp"
#include "support/need.hpp"
#include "support/rootfs.hpp"

namespace gantry::test {
namespace {

class Streams : public testing::Test {
 protected:
  void SetUp() override {
    if (auto why = need_root() + need_busybox(); !why.empty()) GTEST_SKIP() << why;
    daemon.start();
    import_busybox(daemon);
  }
  Output sh(const std::string& script, CommandOptions options = {}) {
    return daemon.gantry({"run", "--rm", "-i", "--network", "none", "busybox", "sh", "-c", script}, std::move(options));
  }
  Daemon daemon;
};

TEST_F(Streams, stdout_and_stderr_stay_apart) {
  const Output o = sh("echo out; echo err >&2");
  EXPECT_EQ(o.out, "out\n");
  EXPECT_EQ(o.err, "err\n");
}

TEST_F(Streams, stdin_reaches_the_program_and_its_end_too) {
  CommandOptions options;
  options.input = "one\ntwo\n";
  EXPECT_EQ(sh("cat; echo end", options).out, "one\ntwo\nend\n");
}

TEST_F(Streams, a_terminal_is_one_stream_with_carriage_returns) {
  const Output o =
      daemon.gantry({"run", "-d", "-t", "--name", "tty", "--network", "none", "busybox", "sh", "-c", "tty; echo err >&2"});
  ASSERT_EQ(o.code, 0) << o.err;
  daemon.gantry({"wait", "tty"});
  EXPECT_EQ(daemon.gantry({"logs", "tty"}).out, "/dev/pts/0\r\nerr\r\n");
}

TEST_F(Streams, no_byte_of_a_burst_is_lost_in_attach_or_log) {
  constexpr std::size_t mib = 200;
  const std::string script =
      "yes 0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcde | head -c " + std::to_string(mib << 20);
  CommandOptions options;
  options.deadline = std::chrono::seconds(240);
  const Output o = daemon.gantry(
      {"run", "--name", "burst", "--network", "none", "--log-opt", "max-size=1g", "busybox", "sh", "-c", script}, options);
  EXPECT_EQ(o.code, 0) << o.err;
  EXPECT_EQ(o.out.size(), mib << 20);
  const Output logs = daemon.gantry({"logs", "burst"}, options);
  EXPECT_TRUE(logs.out == o.out) << "log has " << logs.out.size() << " bytes";
}

TEST_F(Streams, logs_follow_until_the_container_ends) {
  daemon.gantry(
      {"run", "-d", "--name", "box", "--network", "none", "busybox", "sh", "-c", "for i in 1 2 3; do echo $i; sleep 0.2; done"});
  EXPECT_EQ(daemon.gantry({"logs", "-f", "box"}).out, "1\n2\n3\n");
  EXPECT_EQ(daemon.gantry({"logs", "--tail", "1", "box"}).out, "3\n");
  const std::string stamped = daemon.gantry({"logs", "-t", "--tail", "1", "box"}).out;
  EXPECT_EQ(stamped.size(), std::string("2024-01-02T03:04:05.000000000Z 3\n").size()) << stamped;
}

TEST_F(Streams, rotation_keeps_the_newest_lines) {
  daemon.gantry({"run", "--name", "rot", "--network", "none", "--log-opt", "max-size=64k", "--log-opt", "max-file=2", "busybox",
                 "sh", "-c", "seq 1 20000"});
  const Output o = daemon.gantry({"logs", "rot"});
  EXPECT_LT(o.out.size(), 110000U);
  EXPECT_NE(o.out.find("\n20000\n"), std::string::npos);
}

TEST_F(Streams, an_attached_run_goes_on_printing_while_the_daemon_dies) {
  Command run(daemon.gantry_argv({"run", "--network", "none", "busybox", "sh", "-c",
                                  "i=0; while [ $i -lt 40 ]; do echo line $i; i=$((i+1)); sleep 0.05; done"}),
              daemon.client());
  ASSERT_TRUE(run.wait_for_output("line 2\n"));
  daemon.kill();
  EXPECT_TRUE(run.wait_for_output("line 15\n")) << "output stopped with the daemon";
  daemon.start();
  const Output o = run.finish();
  EXPECT_EQ(o.code, 0) << o.err;
  for (int i = 0; i < 40; ++i) EXPECT_NE(o.out.find("line " + std::to_string(i) + "\n"), std::string::npos) << i;
}

TEST_F(Streams, an_exec_goes_on_printing_while_the_daemon_dies) {
  daemon.gantry({"run", "-d", "--name", "box", "--network", "none", "busybox", "sleep", "1000"});
  Command exec(daemon.gantry_argv({"exec", "box", "sh", "-c",
                                   "i=0; while [ $i -lt 40 ]; do echo line $i; i=$((i+1)); sleep 0.05; done; exit 5"}),
               daemon.client());
  ASSERT_TRUE(exec.wait_for_output("line 2\n"));
  daemon.kill();
  EXPECT_TRUE(exec.wait_for_output("line 15\n"));
  daemon.start();
  const Output o = exec.finish();
  EXPECT_NE(o.out.find("line 39\n"), std::string::npos);
  EXPECT_EQ(o.code, 5) << o.err;
}

TEST_F(Streams, ctrl_c_reaches_the_container) {
  Command run(daemon.gantry_argv({"run", "--rm", "--network", "none", "busybox", "sh", "-c",
                                  "trap 'echo caught; exit 3' INT; echo ready; while :; do sleep 0.05; done"}),
              daemon.client());
  ASSERT_TRUE(run.wait_for_output("ready\n"));
  run.signal(SIGINT);
  const Output o = run.finish();
  EXPECT_EQ(o.code, 3);
  EXPECT_NE(o.out.find("caught\n"), std::string::npos);
}

} // namespace
} // namespace gantry::test
