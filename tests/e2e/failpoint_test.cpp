// The daemon dies (SIGKILL) or fails at every named point between two steps of create, start, exec, stop and remove; the next
// daemon converges: no half-made object, and the same things can be done again.
#include <gtest/gtest.h>

#include <algorithm>

#include "containers/failpoints.hpp"
#include "support/daemon.hpp"
#include "support/need.hpp"

namespace gantry::test {
namespace {

class Failpoint : public testing::TestWithParam<const char*> {
 protected:
  void SetUp() override {
    if (auto why = need_root(); !why.empty()) GTEST_SKIP() << why;
    daemon.start();
  }
  Output gantry(std::vector<std::string> args) {
    CommandOptions options;
    options.deadline = std::chrono::seconds(20);
    return daemon.gantry(std::move(args), options);
  }
  /// Passes every failpoint once.
  void live_a_life() {
    // A stop signal that does nothing, so that stop has to kill.
    gantry({"create", "--name", "box", "--network", "none", "-v", "data:/data", "-v", "/own", "--stop-signal", "SIGCHLD",
            "gantry/hello", "sleep", "1000"});
    gantry({"start", "box"});
    gantry({"update", "--pids-limit", "10", "--mount-add", "type=volume,src=extra,dst=/extra", "box"});
    gantry({"update", "--mount-rm", "/extra", "--mount-add", "type=bind,src=/,dst=/host", "box"});
    gantry({"exec", "box", "/hello", "true"});
    gantry({"stop", "-t", "0", "box"});
    gantry({"rm", "-v", "box"});
    gantry({"volume", "rename", "data", "other"});
  }
  bool daemon_is_alive() const {
    CommandOptions options;
    options.deadline = std::chrono::seconds(5);
    return daemon.gantry({"version"}, options).code == 0;
  }
  void expect_converged(bool failed_removal = false) {
    const std::string state = gantry({"ps", "-a", "--format", "{{.State}}"}).out;
    // A removal that failed half-way is Docker's "dead"; the removal below finishes it.
    const bool dead = failed_removal && state == "dead\n";
    EXPECT_TRUE(dead || state.empty() || state == "created\n" || state == "running\n" || state == "exited\n") << state;
    if (state == "running\n") {
      EXPECT_EQ(gantry({"exec", "box", "/hello", "true"}).code, 0);
    }
    if (!state.empty()) {
      EXPECT_EQ(gantry({"rm", "-f", "-v", "box"}).code, 0);
    }
    // The anonymous volume of a container that is gone may stay only where a removal did not ask for it.
    EXPECT_EQ(gantry({"volume", "prune", "--all", "--force"}).code, 0);
    EXPECT_EQ(gantry({"volume", "ls", "-q"}).out, "");
    const Output again = gantry({"run", "--rm", "--name", "box", "--network", "none", "gantry/hello", "exit", "6"});
    EXPECT_EQ(again.code, 6) << again.err;
    EXPECT_TRUE(eventually([this] { return gantry({"ps", "-aq"}).out.empty(); }));
  }
  Daemon daemon;
};

TEST_P(Failpoint, the_next_daemon_converges_after_sigkill) {
  daemon.kill();
  daemon.start({{"GANTRY_FAILPOINTS", std::string(GetParam()) + "=kill"}});
  live_a_life();
  ASSERT_FALSE(daemon_is_alive()) << "the failpoint was never passed";
  daemon.wait_exit();
  daemon.start();
  expect_converged();
}

TEST_P(Failpoint, an_error_there_leaves_nothing_half_made) {
  daemon.terminate();
  daemon.start({{"GANTRY_FAILPOINTS", std::string(GetParam()) + "=error"}});
  live_a_life();
  ASSERT_TRUE(daemon_is_alive()) << daemon.log();
  daemon.terminate();
  daemon.start();
  expect_converged(std::string(GetParam()).starts_with("remove."));
}

INSTANTIATE_TEST_SUITE_P(Volume, Failpoint,
                         testing::Values("volume.create.after_row", "volume.create.after_driver", "volume.remove.after_driver",
                                         "volume.rename.after_driver", "volume.rename.after_row", "volume.remove.after_row"),
                         [](const auto& info) {
                           std::string name = info.param;
                           std::replace(name.begin(), name.end(), '.', '_');
                           return name;
                         });
INSTANTIATE_TEST_SUITE_P(Every, Failpoint, testing::ValuesIn(containers::failpoints), [](const auto& info) {
  std::string name = info.param;
  std::replace(name.begin(), name.end(), '.', '_');
  return name;
});

} // namespace
} // namespace gantry::test
