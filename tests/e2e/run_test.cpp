// What a user at the gantry CLI sees: output, exit codes, tables.
#include <gtest/gtest.h>

#include "support/daemon.hpp"
#include "support/need.hpp"

namespace gantry::test {
namespace {

class Run : public testing::Test {
 protected:
  void SetUp() override {
    if (auto why = need_root(); !why.empty()) GTEST_SKIP() << why;
    daemon.start();
  }
  Output gantry(std::vector<std::string> args, CommandOptions options = {}) {
    return daemon.gantry(std::move(args), std::move(options));
  }
  Output hello(std::vector<std::string> args) {
    args.insert(args.begin(), {"run", "--rm", "--network", "none", "gantry/hello"});
    return gantry(std::move(args));
  }
  Daemon daemon;
};

TEST_F(Run, greets_from_the_embedded_image) {
  const Output o = gantry({"run", "--rm", "--network", "none", "gantry/hello"});
  EXPECT_EQ(o.code, 0) << o.err;
  EXPECT_NE(o.out.find("Gantry"), std::string::npos) << o.out;
}

TEST_F(Run, passes_the_exit_code_on) {
  EXPECT_EQ(hello({"true"}).code, 0);
  EXPECT_EQ(hello({"exit", "42"}).code, 42);
}

TEST_F(Run, a_command_that_does_not_exist_is_127) {
  const Output o = gantry({"run", "--rm", "--network", "none", "--entrypoint", "nosuch", "gantry/hello"});
  EXPECT_EQ(o.code, 127);
  EXPECT_NE(o.err.find("exec: \"nosuch\": executable file not found in $PATH"), std::string::npos) << o.err;
}

TEST_F(Run, a_file_that_cannot_be_executed_is_126) {
  const Output o = gantry({"run", "--rm", "--network", "none", "--entrypoint", "/etc", "gantry/hello"});
  EXPECT_EQ(o.code, 126) << o.err;
}

TEST_F(Run, a_failed_start_leaves_a_created_container_with_its_error) {
  gantry({"run", "--name", "bad", "--network", "none", "--entrypoint", "nosuch", "gantry/hello"});
  EXPECT_EQ(gantry({"inspect", "-f", "{{.State.Status}} {{.State.ExitCode}}", "bad"}).out, "created 127\n");
  EXPECT_NE(gantry({"inspect", "-f", "{{.State.Error}}", "bad"}).out.find("nosuch"), std::string::npos);
}

TEST_F(Run, a_missing_image_is_125) {
  const Output o = gantry({"run", "--rm", "nosuch/image:1"});
  EXPECT_EQ(o.code, 125);
  EXPECT_NE(o.err.find("Unable to find image 'nosuch/image:1' locally"), std::string::npos) << o.err;
}

TEST_F(Run, an_unknown_flag_is_125_and_nothing_is_made) {
  const Output o = gantry({"run", "--nosuch", "gantry/hello"});
  EXPECT_EQ(o.code, 125);
  EXPECT_NE(o.err.find("unknown flag: --nosuch"), std::string::npos) << o.err;
  EXPECT_EQ(gantry({"ps", "-aq"}).out, "");
}

TEST_F(Run, rm_leaves_nothing) {
  EXPECT_EQ(hello({"true"}).code, 0);
  EXPECT_TRUE(eventually([this] { return gantry({"ps", "-aq"}).out.empty(); }));
}

TEST_F(Run, detached_container_is_listed_stopped_and_removed) {
  const Output id = gantry({"run", "-d", "--name", "web", "--network", "none", "gantry/hello", "sleep", "1000"});
  ASSERT_EQ(id.code, 0) << id.err;
  EXPECT_EQ(id.out.size(), 65U);
  EXPECT_EQ(gantry({"ps", "--format", "{{.Names}} {{.Image}}"}).out, "web gantry/hello\n");
  EXPECT_NE(gantry({"rm", "web"}).code, 0) << "a running container is not removed without -f";
  EXPECT_EQ(gantry({"stop", "-t", "1", "web"}).out, "web\n");
  EXPECT_EQ(gantry({"ps", "-q"}).out, "");
  EXPECT_EQ(gantry({"rm", "web"}).out, "web\n");
}

TEST_F(Run, exec_runs_in_the_container_with_its_exit_code) {
  gantry({"run", "-d", "--name", "box", "--network", "none", "-e", "A=b", "gantry/hello", "sleep", "1000"});
  const Output env = gantry({"exec", "-e", "C=d", "box", "/hello", "env"});
  EXPECT_NE(env.out.find("A=b\n"), std::string::npos) << env.out << env.err;
  EXPECT_NE(env.out.find("C=d\n"), std::string::npos) << env.out;
  EXPECT_EQ(gantry({"exec", "box", "/hello", "exit", "9"}).code, 9);
  EXPECT_EQ(gantry({"exec", "box", "/nosuch"}).code, 127);
  EXPECT_EQ(gantry({"exec", "nosuch", "true"}).code, 1);
}

TEST_F(Run, kill_and_wait_report_the_signal) {
  gantry({"run", "-d", "--name", "box", "--network", "none", "gantry/hello", "sleep", "1000"});
  EXPECT_EQ(gantry({"kill", "box"}).out, "box\n");
  EXPECT_EQ(gantry({"wait", "box"}).out, "137\n");
  const Output again = gantry({"kill", "box"});
  EXPECT_EQ(again.code, 1);
  EXPECT_NE(again.err.find("is not running"), std::string::npos) << again.err;
}

TEST_F(Run, names_are_unique) {
  ASSERT_EQ(gantry({"create", "--name", "one", "gantry/hello"}).code, 0);
  const Output o = gantry({"create", "--name", "one", "gantry/hello"});
  EXPECT_EQ(o.code, 1);
  EXPECT_NE(o.err.find("The container name \"/one\" is already in use by container"), std::string::npos) << o.err;
  EXPECT_EQ(gantry({"rename", "one", "two"}).code, 0);
  EXPECT_EQ(gantry({"ps", "-a", "--format", "{{.Names}}"}).out, "two\n");
}

TEST_F(Run, top_shows_the_processes) {
  gantry({"run", "-d", "--name", "box", "--network", "none", "gantry/hello", "sleep", "1000"});
  const Output o = gantry({"top", "box"});
  EXPECT_EQ(o.code, 0) << o.err;
  EXPECT_NE(o.out.find("sleep 1000"), std::string::npos) << o.out;
}

TEST_F(Run, restart_gives_a_new_process) {
  gantry({"run", "-d", "--name", "box", "--network", "none", "gantry/hello", "sleep", "1000"});
  const std::string before = gantry({"inspect", "-f", "{{.State.Pid}}", "box"}).out;
  EXPECT_EQ(gantry({"restart", "-t", "1", "box"}).code, 0);
  const std::string after = gantry({"inspect", "-f", "{{.State.Pid}}", "box"}).out;
  EXPECT_NE(before, after);
  EXPECT_EQ(gantry({"inspect", "-f", "{{.State.Running}}", "box"}).out, "true\n");
}

TEST_F(Run, events_tell_the_life_of_a_container_in_order) {
  gantry({"run", "--rm", "--name", "box", "--network", "none", "gantry/hello", "true"});
  ASSERT_TRUE(eventually([this] { return gantry({"ps", "-aq"}).out.empty(); }));
  const Output o = gantry({"events", "--since", "1", "--until", "0s", "--filter", "container=box", "--format", "{{.Action}}"});
  EXPECT_EQ(o.out, "create\nattach\nstart\ndie\ndestroy\n") << o.err;
}

TEST_F(Run, an_unknown_command_suggests_the_nearest_one) {
  const Output o = gantry({"strat"});
  EXPECT_NE(o.code, 0);
  EXPECT_NE(o.err.find("start"), std::string::npos) << o.err;
}

TEST_F(Run, plugin_ls_shows_the_loaded_drivers) {
  const Output o = gantry({"plugin", "ls"});
  EXPECT_NE(o.out.find("runtime-linux"), std::string::npos) << o.out << o.err;
  EXPECT_NE(o.out.find("loaded"), std::string::npos) << o.out;
}

} // namespace
} // namespace gantry::test
