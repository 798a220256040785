#include "service_fixture.hpp"

namespace gantry::test {
namespace {

using ::testing::ElementsAre;

class ContainerRestart : public ServiceTest {
 protected:
  std::string started(const std::string& policy, bool auto_remove = false) {
    CreateRequest request = daemon->request("web");
    request.host_config.restart_policy.name = policy;
    request.host_config.auto_remove = auto_remove;
    const std::string id = daemon->create(std::move(request));
    daemon->run(service().start(id));
    return id;
  }
  void exit_with(const std::string& id, int code) {
    auto waiter = service().wait(id, WaitCondition::next_exit);
    daemon->runtime.finish(id, code);
    (void)daemon->run(waiter->result());
  }
  void until(const std::string& id, Phase phase) {
    while (daemon->phase(id) != phase) std::this_thread::yield();
  }
};

TEST_F(ContainerRestart, stops_and_starts_with_dockers_events) {
  const std::string id = started("");
  daemon->run(service().restart(id, {}));
  EXPECT_EQ(daemon->phase(id), Phase::running);
  EXPECT_THAT(daemon->actions(), ElementsAre("create", "start", "kill", "die", "stop", "start", "restart"));
}

// Compose looks at a container when it dies, and ends with the last that is not about to run again.
TEST_F(ContainerRestart, is_told_as_such_until_the_container_runs) {
  const std::string id = started("");
  std::vector<Phase> told;
  const auto subscription = daemon->bus.subscribe(0, [&](const events::EventPtr& event) {
    if (event->action == "die" || event->action == "stop") told.push_back(told_phase(*service().find(id)));
  });
  daemon->run(service().restart(id, {}));
  EXPECT_THAT(told, ElementsAre(Phase::restarting, Phase::restarting));
  Container starting;
  starting.phase = Phase::starting;
  EXPECT_EQ(told_phase(starting), Phase::created);
  starting.restarts = true;
  EXPECT_EQ(told_phase(starting), Phase::restarting);
  daemon->run(service().stop(id, {}));
  EXPECT_EQ(daemon->phase(id), Phase::exited);
}

TEST_F(ContainerRestart, starts_a_stopped_container) {
  const std::string id = daemon->create();
  daemon->run(service().restart(id, {}));
  EXPECT_EQ(daemon->phase(id), Phase::running);
}

TEST_F(ContainerRestart, keeps_a_container_with_auto_remove) {
  const std::string id = started("", true);
  daemon->run(service().restart(id, {}));
  EXPECT_EQ(daemon->phase(id), Phase::running);
}

TEST_F(ContainerRestart, the_policy_starts_it_again_after_the_delay) {
  const std::string id = started("always");
  exit_with(id, 0);
  EXPECT_EQ(daemon->phase(id), Phase::restarting);
  until(id, Phase::running);
  EXPECT_EQ(service().find(id)->restart_count, 1);
}

TEST_F(ContainerRestart, a_stop_ends_the_delay_for_good) {
  const std::string id = started("always");
  exit_with(id, 0);
  EXPECT_EQ(daemon->run(service().stop(id, {})), Changed::yes);
  EXPECT_EQ(daemon->phase(id), Phase::exited);
}

TEST_F(ContainerRestart, on_failure_leaves_a_success_alone) {
  const std::string id = started("on-failure");
  exit_with(id, 0);
  EXPECT_EQ(daemon->phase(id), Phase::exited);
}

TEST_F(ContainerRestart, a_kill_by_the_user_is_respected) {
  const std::string id = started("always");
  daemon->run(service().kill(id, ""));
  EXPECT_EQ(daemon->phase(id), Phase::exited);
}

TEST_F(ContainerRestart, who_waits_between_two_runs_is_told_when_there_is_no_other_one) {
  const std::string id = started("always");
  exit_with(id, 3);
  auto waiter = service().wait(id, WaitCondition::not_running);
  daemon->run(service().stop(id, {}));
  EXPECT_EQ(daemon->run(waiter->result()).status_code, 3);
}

TEST_F(ContainerRestart, who_waits_is_told_when_the_next_run_cannot_be_started) {
  const std::string id = started("always");
  daemon->runtime.fail_next_start(Error(Code::internal, "no more"));
  exit_with(id, 3);
  auto waiter = service().wait(id, WaitCondition::not_running);
  EXPECT_NE(daemon->run(waiter->result()).status_code, 0);
  EXPECT_TRUE(eventually([&] { return daemon->phase(id) == Phase::exited; }));
}

TEST_F(ContainerRestart, a_signal_that_is_not_the_stop_signal_leaves_the_policy_alone) {
  for (const bool kept : {true, false}) {
    CreateRequest request = daemon->request();
    request.host_config.restart_policy.name = kept ? "always" : "unless-stopped";
    request.config.stop_signal = "SIGUSR1";
    const std::string id = daemon->create(std::move(request));
    daemon->run(service().start(id));
    auto waiter = service().wait(id, WaitCondition::next_exit);
    daemon->run(service().kill(id, "TERM"));
    (void)daemon->run(waiter->result());
    EXPECT_TRUE(eventually([&] { return daemon->phase(id) == (kept ? Phase::running : Phase::exited); })) << kept;
  }
}

TEST_F(ContainerRestart, a_container_between_two_runs_can_be_removed_by_force) {
  const std::string id = started("always");
  exit_with(id, 1);
  RemoveOptions force;
  force.force = true;
  daemon->run(service().remove(id, force));
  EXPECT_THAT(service().list(), ::testing::IsEmpty());
}

} // namespace
} // namespace gantry::test
