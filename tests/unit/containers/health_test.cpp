#include <algorithm>

#include "service_fixture.hpp"

namespace gantry::test {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr std::int64_t ms = 1'000'000;

class ContainerHealth : public ServiceTest {
 protected:
  CreateRequest checked() const {
    CreateRequest request = daemon->request("web");
    Healthcheck check;
    check.test = {"CMD", "test", "it"};
    check.interval_ns = ms;
    check.retries = 2;
    request.config.healthcheck = check;
    return request;
  }
  std::string started(CreateRequest request) {
    const std::string id = daemon->create(std::move(request));
    daemon->run(service().start(id));
    return id;
  }
  std::string started() { return started(checked()); }

  HealthPtr health(const std::string& id = "web") { return service().find(id)->health; }
  bool becomes(HealthStatus status) {
    return eventually([&] { return health() && health()->status == status; });
  }
  bool probes_more(std::size_t count = 2) {
    const std::size_t before = daemon->runtime.execs_made();
    return eventually([&] { return daemon->runtime.execs_made() >= before + count; });
  }
  std::vector<std::string> first_actions(std::size_t count) {
    auto actions = daemon->actions();
    actions.resize(std::min(actions.size(), count));
    return actions;
  }
};

TEST_F(ContainerHealth, nothing_is_known_before_the_first_start) {
  daemon->create(checked());
  EXPECT_EQ(health(), nullptr);
}

TEST_F(ContainerHealth, a_success_makes_it_healthy_and_says_so_once) {
  daemon->runtime.answer_execs(0, "fine\n");
  started();
  ASSERT_TRUE(becomes(HealthStatus::healthy));
  ASSERT_TRUE(probes_more());
  EXPECT_EQ(health()->log.front().output, "fine\n");
  EXPECT_GE(health()->log.front().end_ns, health()->log.front().start_ns);
  EXPECT_THAT(first_actions(6), ElementsAre("create", "start", "exec_create: test it", "exec_start: test it", "exec_die",
                                            "health_status: healthy"));
  const auto actions = daemon->actions();
  EXPECT_EQ(std::count(actions.begin(), actions.end(), "health_status: healthy"), 1);
}

TEST_F(ContainerHealth, failures_make_it_unhealthy) {
  daemon->runtime.answer_execs(7, "broken");
  started();
  ASSERT_TRUE(becomes(HealthStatus::unhealthy));
  EXPECT_EQ(health()->log.back().exit_code, 7);
  EXPECT_EQ(health()->log.back().output, "broken");
  EXPECT_GE(health()->failing_streak, 2);
  EXPECT_TRUE(eventually([&] { return daemon->attribute("health_status: unhealthy", "name") == "web"; }));
}

TEST_F(ContainerHealth, a_program_that_cannot_be_run_is_a_failure_with_the_reason) {
  daemon->runtime.answer_execs(0);
  const std::string id = daemon->create(checked());
  daemon->run(service().start(id));
  daemon->runtime.fail_next_start(
      Error(Code::not_found, "exec: \"test\": executable file not found in $PATH", "command_not_found"));
  ASSERT_TRUE(eventually([&] {
    const HealthPtr now = health();
    for (const auto& result : now->log) {
      if (result.exit_code == -1 && result.output.ends_with("executable file not found in $PATH")) return true;
    }
    return false;
  }));
}

TEST_F(ContainerHealth, output_is_cut) {
  daemon->runtime.answer_execs(0, std::string(10'000, 'x'));
  started();
  ASSERT_TRUE(becomes(HealthStatus::healthy));
  EXPECT_EQ(health()->log.front().output, std::string(4096, 'x') + "...");
}

TEST_F(ContainerHealth, a_probe_that_takes_too_long_is_killed) {
  CreateRequest request = checked();
  request.config.healthcheck->timeout_ns = 5 * ms;
  started(std::move(request));
  ASSERT_TRUE(becomes(HealthStatus::unhealthy));
  // On a busy machine the next probe may come before the end of the one that was killed, and is told of in its place.
  const auto log = health()->log;
  EXPECT_EQ(log.front().exit_code, -1);
  EXPECT_TRUE(std::any_of(log.begin(), log.end(), [](const auto& result) {
    return result.output == "Health check exceeded timeout (5ms)";
  })) << log.front().output;
  EXPECT_TRUE(eventually([&] { return daemon->attribute("exec_die", "exitCode") == "137"; }));
}

TEST_F(ContainerHealth, a_probe_that_hangs_holds_nothing_up) {
  const std::string id = started();
  ASSERT_TRUE(eventually([&] { return daemon->runtime.execs_made() == 1; }));
  daemon->run(service().pause(id));
  daemon->run(service().unpause(id));
  daemon->run(service().rename(id, "other"));
  EXPECT_EQ(daemon->run(service().stop(id, {})), Changed::yes);
  EXPECT_EQ(daemon->phase(id), Phase::exited);
}

TEST_F(ContainerHealth, probes_end_with_the_container) {
  daemon->runtime.answer_execs(0);
  const std::string id = started();
  ASSERT_TRUE(becomes(HealthStatus::healthy));
  daemon->run(service().stop(id, {}));
  EXPECT_EQ(health()->status, HealthStatus::unhealthy) << "as Docker calls what nobody probes";
  const auto actions = daemon->actions();
  EXPECT_EQ(actions.back(), "stop");
  EXPECT_EQ(*(actions.end() - 2), "die");
}

TEST_F(ContainerHealth, a_probe_under_way_is_killed_with_the_container_and_told_before_its_death) {
  const std::string id = started();
  ASSERT_TRUE(eventually([&] { return daemon->runtime.execs_made() == 1; }));
  daemon->run(service().kill(id, ""));
  ASSERT_TRUE(eventually([&] { return daemon->attribute("exec_die", "execID") != "(none)"; }));
  EXPECT_THAT(health()->log, IsEmpty());
}

TEST_F(ContainerHealth, a_pause_interrupts_the_probes) {
  daemon->runtime.answer_execs(0);
  const std::string id = started();
  ASSERT_TRUE(becomes(HealthStatus::healthy));
  daemon->run(service().pause(id));
  EXPECT_EQ(health()->status, HealthStatus::unhealthy);
  EXPECT_THAT(daemon->actions(), ::testing::Contains("pause"));
  daemon->run(service().unpause(id));
  EXPECT_TRUE(becomes(HealthStatus::healthy));
}

TEST_F(ContainerHealth, a_start_begins_anew) {
  daemon->runtime.answer_execs(1);
  const std::string id = started();
  ASSERT_TRUE(becomes(HealthStatus::unhealthy));
  daemon->runtime.leave_execs_running();
  daemon->run(service().restart(id, {}));
  EXPECT_EQ(health()->status, HealthStatus::starting);
  EXPECT_EQ(health()->failing_streak, 0);
  EXPECT_FALSE(health()->log.empty());
}

TEST_F(ContainerHealth, the_next_daemon_knows_it_and_goes_on) {
  daemon->runtime.answer_execs(0);
  const std::string id = started();
  ASSERT_TRUE(becomes(HealthStatus::healthy));
  restart_daemon();
  EXPECT_EQ(health()->status, HealthStatus::healthy);
  daemon->runtime.answer_execs(1);
  EXPECT_TRUE(becomes(HealthStatus::unhealthy));
}

TEST_F(ContainerHealth, a_probe_of_a_dead_daemon_is_killed_by_the_next_one) {
  const std::string id = started();
  ASSERT_TRUE(eventually([&] { return daemon->runtime.execs_made() == 1; }));
  std::string exec;
  ASSERT_TRUE(eventually([&] {
    const auto ids = service().exec_ids(id);
    if (ids.size() == 1) exec = ids.front();
    return !exec.empty();
  }));
  daemon.reset();
  FakeRuntime(root / "runtime").revive(id, exec); // as if nobody had come to kill it
  daemon = std::make_unique<Daemon>(root.path());
  daemon->run(service().recover());
  EXPECT_TRUE(daemon->runtime.state(id, exec).starts_with("stopped"));
}

TEST_F(ContainerHealth, none_switches_the_check_off) {
  CreateRequest request = checked();
  request.config.healthcheck->test = {"NONE"};
  started(std::move(request));
  EXPECT_EQ(health(), nullptr);
  EXPECT_EQ(daemon->runtime.execs_made(), 0U);
}

TEST_F(ContainerHealth, an_unhealthy_container_is_restarted_when_it_asked_for_that) {
  daemon->runtime.answer_execs(1);
  CreateRequest request = checked();
  request.extensions.on_unhealthy = "restart";
  request.host_config.auto_remove = true;
  const std::string id = started(std::move(request));
  ASSERT_TRUE(eventually([&] { return service().find(id)->restart_count >= 1; }));
  daemon->runtime.answer_execs(0);
  EXPECT_TRUE(becomes(HealthStatus::healthy));
  EXPECT_EQ(daemon->phase(id), Phase::running);
  EXPECT_FALSE(service().find(id)->manually_stopped);
}

TEST_F(ContainerHealth, a_stop_by_the_user_wins_over_the_restart) {
  daemon->runtime.answer_execs(1);
  daemon->runtime.ignore_signal(15);
  CreateRequest request = checked();
  request.extensions.on_unhealthy = "restart";
  const std::string id = started(std::move(request));
  // Ended for the restart, it does not hear the signal; then the user comes.
  ASSERT_TRUE(eventually([&] { return !daemon->runtime.signals().empty(); }));
  StopOptions now;
  now.timeout_s = 0;
  daemon->run(service().stop(id, now));
  EXPECT_EQ(daemon->phase(id), Phase::exited);
}

TEST_F(ContainerHealth, an_unhealthy_container_is_stopped_when_it_asked_for_that) {
  daemon->runtime.answer_execs(1);
  CreateRequest request = checked();
  request.extensions.on_unhealthy = "stop";
  request.host_config.restart_policy.name = "always";
  const std::string id = started(std::move(request));
  ASSERT_TRUE(eventually([&] { return daemon->phase(id) == Phase::exited; }));
  EXPECT_EQ(service().find(id)->restart_count, 0);
}

TEST_F(ContainerHealth, a_restart_for_health_is_made_up_for_when_the_daemon_died_in_it) {
  daemon->runtime.answer_execs(1);
  daemon->runtime.ignore_signal(15);
  CreateRequest request = checked();
  request.extensions.on_unhealthy = "restart";
  const std::string id = started(std::move(request));
  ASSERT_TRUE(eventually([&] { return !daemon->runtime.signals().empty(); }));
  daemon.reset();
  FakeRuntime(root / "runtime").finish(id, 143);
  daemon = std::make_unique<Daemon>(root.path());
  daemon->run(service().recover());
  EXPECT_TRUE(eventually([&] { return daemon->phase(id) == Phase::running; }));
}

TEST_F(ContainerHealth, a_probe_by_the_engine_runs_no_process) {
  CreateRequest request = checked();
  request.config.healthcheck->test.clear();
  request.extensions.probe_url = "tcp://:9";
  started(std::move(request));
  // The process of this container is an invented one.
  ASSERT_TRUE(becomes(HealthStatus::unhealthy));
  EXPECT_EQ(daemon->runtime.execs_made(), 0U);
  EXPECT_THAT(health()->log.front().output, ::testing::StartsWith("tcp://:9: 127.0.0.1 port 9: "));
}

} // namespace
} // namespace gantry::test
