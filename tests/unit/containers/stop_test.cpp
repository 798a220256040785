#include "service_fixture.hpp"

namespace gantry::test {
namespace {

using ::testing::ElementsAre;

class ContainerStop : public ServiceTest {
 protected:
  std::string started(CreateRequest request) {
    const std::string id = daemon->create(std::move(request));
    daemon->run(service().start(id));
    return id;
  }
  std::string started() { return started(daemon->request("web")); }
  Error kill_error(const std::string& signal) {
    return error_of([&] { daemon->run(service().kill("web", signal)); });
  }
};

TEST_F(ContainerStop, sends_sigterm_and_waits_for_the_exit) {
  const std::string id = started();
  EXPECT_EQ(daemon->run(service().stop(id, {})), Changed::yes);
  EXPECT_EQ(daemon->phase(id), Phase::exited);
  EXPECT_EQ(service().find(id)->exit_code, 143);
  EXPECT_TRUE(service().find(id)->manually_stopped);
  EXPECT_THAT(daemon->actions(), ElementsAre("create", "start", "kill", "die", "stop"));
}

TEST_F(ContainerStop, kills_after_the_grace_period) {
  daemon->runtime.ignore_signal(15);
  const std::string id = started();
  StopOptions options;
  options.timeout_s = 0;
  daemon->run(service().stop(id, options));
  EXPECT_THAT(daemon->runtime.signals(), ElementsAre(15, 9));
  EXPECT_EQ(service().find(id)->exit_code, 137);
  EXPECT_THAT(daemon->actions(), ElementsAre("create", "start", "kill", "kill", "die", "stop"));
}

TEST_F(ContainerStop, uses_the_containers_signal_or_the_one_asked_for) {
  CreateRequest request = daemon->request("web");
  request.config.stop_signal = "SIGKILL";
  const std::string id = started(std::move(request));
  daemon->run(service().stop(id, {}));
  daemon->run(service().start(id));
  StopOptions options;
  options.signal = "TERM";
  daemon->run(service().stop(id, options));
  EXPECT_THAT(daemon->runtime.signals(), ElementsAre(9, 15));
}

TEST_F(ContainerStop, a_number_that_is_no_signal_is_accepted_and_the_container_killed) {
  CreateRequest request = daemon->request("web");
  request.config.stop_signal = "99";
  const std::string id = started(std::move(request));
  daemon->run(service().stop(id, {}));
  EXPECT_THAT(daemon->runtime.signals(), ElementsAre(9));
  EXPECT_EQ(daemon->phase(id), Phase::exited);
}

TEST_F(ContainerStop, changes_nothing_when_it_does_not_run) {
  const std::string id = daemon->create("web");
  EXPECT_EQ(daemon->run(service().stop(id, {})), Changed::no);
}

TEST_F(ContainerStop, wakes_a_paused_container_up) {
  const std::string id = started();
  daemon->run(service().pause(id));
  daemon->run(service().stop(id, {}));
  EXPECT_EQ(daemon->phase(id), Phase::exited);
}

TEST_F(ContainerStop, does_not_hold_the_container_during_the_grace_period) {
  daemon->runtime.ignore_signal(15);
  const std::string id = started();
  StopOptions options;
  options.timeout_s = 600;
  auto stopping = daemon->begin(service().stop(id, options));
  daemon->run(service().rename(id, "renamed"));
  daemon->run(service().kill(id, "KILL"));
  EXPECT_EQ(stopping.get(), Changed::yes);
}

TEST_F(ContainerStop, kill_without_a_signal_returns_after_the_exit) {
  const std::string id = started();
  daemon->run(service().kill("web", ""));
  EXPECT_EQ(daemon->phase(id), Phase::exited);
  EXPECT_EQ(daemon->attribute("kill", "signal"), "9");
}

TEST_F(ContainerStop, kill_with_another_signal_leaves_it_running) {
  const std::string id = started();
  daemon->run(service().kill("web", "USR1"));
  EXPECT_EQ(daemon->phase(id), Phase::running);
  EXPECT_THAT(daemon->runtime.signals(), ElementsAre(10));
}

TEST_F(ContainerStop, kill_refuses_what_does_not_run_and_what_is_no_signal) {
  const std::string id = daemon->create("web");
  EXPECT_EQ(kill_error("").what(), "cannot kill container: web: container " + id + " is not running");
  EXPECT_EQ(kill_error("").code(), Code::forbidden_state);
  EXPECT_STREQ(kill_error("FOO").what(), "cannot kill container: web: invalid signal: FOO");
  daemon->run(service().start(id));
  EXPECT_STREQ(kill_error("99").what(), "cannot kill container: web: the linux daemon does not support signal 99");
  EXPECT_STREQ(error_of([&] { daemon->run(service().kill("nope", "")); }).what(),
               "cannot kill container: nope: No such container: nope");
}

TEST_F(ContainerStop, pause_and_unpause_check_the_state) {
  const std::string id = daemon->create("web");
  const auto text = [&](Task<void> task) { return std::string(error_of([&] { daemon->run(std::move(task)); }).what()); };
  EXPECT_EQ(text(service().pause(id)), "container " + id + " is not running");
  daemon->run(service().start(id));
  EXPECT_EQ(text(service().unpause(id)), "Container " + id + " is not paused");
  daemon->run(service().pause(id));
  EXPECT_EQ(daemon->phase(id), Phase::paused);
  EXPECT_EQ(text(service().pause(id)), "Container " + id + " is already paused");
  daemon->run(service().unpause(id));
  EXPECT_EQ(daemon->phase(id), Phase::running);
}

} // namespace
} // namespace gantry::test
