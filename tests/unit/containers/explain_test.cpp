#include "containers/explanation.hpp"
#include "service_fixture.hpp"

namespace gantry::test {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr std::int64_t second = 1'000'000'000;

RuntimeExit exit_by(int code, int signal = 0, bool oom = false) {
  RuntimeExit exit;
  exit.code = code;
  exit.signal = signal;
  exit.oom_killed = oom;
  return exit;
}

TEST(EndedBy, names_who_asked_for_it_or_what_the_kernel_did) {
  const EndRequest nobody, stop{"stop", 15, 1}, shutdown{"shutdown", 15, 1}, killed{"kill", 9, 1}, reload{"kill", 1, 1};
  EXPECT_EQ(ended_by(exit_by(0), nobody), "itself");
  EXPECT_EQ(ended_by(exit_by(139, 11), nobody), "signal");
  EXPECT_EQ(ended_by(exit_by(0), stop), "stop");
  EXPECT_EQ(ended_by(exit_by(137, 9), stop), "stop");
  EXPECT_EQ(ended_by(exit_by(143, 15), shutdown), "shutdown");
  EXPECT_EQ(ended_by(exit_by(137, 9), killed), "kill");
  EXPECT_EQ(ended_by(exit_by(3), reload), "itself") << "a reload an hour ago did not end it";
  EXPECT_EQ(ended_by(exit_by(129, 1), reload), "kill");
}

TEST(EndedBy, the_kernel_killed_for_memory_when_it_was_sigkill) {
  EXPECT_EQ(ended_by(exit_by(137, 9, true), {}), "memory");
  EXPECT_EQ(ended_by(exit_by(137, 0, true), {}), "memory") << "seen through an init in the container";
  EXPECT_EQ(ended_by(exit_by(1, 0, true), {}), "itself") << "a child was killed, and the program coped with it";
}

TEST(History, keeps_the_last_ten_runs_and_survives_its_json) {
  History history;
  history.end_request = {"stop", 15, 7};
  history.start.time_ns = 5;
  history.start.failed_step = "create";
  history.start.steps = {{"files", 11}, {"create", 12}};
  for (int i = 0; i < 12; ++i) {
    containers::Run run;
    run.exit_code = i;
    history.add(run);
  }
  ASSERT_EQ(history.runs.size(), 10U);
  EXPECT_EQ(history.runs.front().exit_code, 2);
  const History read = history_from_json(to_json(history), "history");
  EXPECT_EQ(to_json(read), to_json(history));
  EXPECT_EQ(read.end_request.by, "stop");
  EXPECT_EQ(read.start.steps.at(1).name, "create");
}

class Explanation : public testing::Test {
 protected:
  Explanation() {
    container.id = "c";
    container.phase = Phase::exited;
    container.started_ns = 100 * second;
    container.finished_ns = 110 * second;
    moment.now_ns = 170 * second;
  }
  void ended(const std::string& by, int code, int signal = 0) {
    containers::Run run;
    run.started_ns = container.started_ns;
    run.finished_ns = container.finished_ns;
    run.exit_code = container.exit_code = code;
    run.signal = signal;
    run.ended_by = by;
    container.history.runs = {run};
  }
  std::vector<std::string> sentences() const { return explain(container, moment); }
  containers::Run& run() { return container.history.runs.back(); }

  Container container;
  Moment moment;
};

TEST_F(Explanation, says_when_and_how_it_exited_and_why_it_stays_so) {
  ended("itself", 3);
  EXPECT_THAT(sentences(), ElementsAre("It is not running: it exited with code 3 1 min ago, after a run of 10.0 s",
                                       "Its program ended by itself with code 3: its log may say why",
                                       "It has no restart policy, so it stays as it is until somebody starts it"));
}

TEST_F(Explanation, tells_its_own_memory_limit_from_the_hosts) {
  ended("memory", 137, 9);
  run().memory_limit = run().memory_peak = 64 << 20;
  run().memory_limit_hit = true;
  EXPECT_THAT(sentences(), Contains(HasSubstr("it reached its own limit of 64.0 MiB")));
  run().memory_limit_hit = false;
  run().memory_peak = 10 << 20;
  EXPECT_THAT(sentences(), Contains(AllOf(HasSubstr("on the host, or in a parent cgroup"), HasSubstr("peak was 10.0 MiB"))));
}

TEST_F(Explanation, tells_a_stop_from_a_kill_from_the_daemon) {
  container.host_config.restart_policy.name = "always";
  container.manually_stopped = true;
  container.history.end_request = {"stop", 15, 1};
  ended("stop", 137, 9);
  EXPECT_THAT(sentences(), Contains("It was stopped by a user with SIGTERM, and with SIGKILL after its grace period"));
  EXPECT_THAT(sentences(), Contains("Its restart policy \"always\" does not apply: a user ended it"));
  container.history.end_request = {"shutdown", 15, 1};
  ended("shutdown", 0);
  EXPECT_THAT(sentences(), Contains("It was stopped because the daemon shut down with SIGTERM"));
  ended("lost", 255);
  EXPECT_THAT(sentences(), Contains(HasSubstr("Nothing is left of its process")));
}

TEST_F(Explanation, names_the_step_of_a_start_that_failed) {
  container.phase = Phase::created;
  container.started_ns = container.finished_ns = 0;
  EXPECT_THAT(sentences(), ElementsAre("It is not running: nobody has started it yet"));
  container.history.start.failed_step = "create";
  container.error = "no such file";
  EXPECT_THAT(sentences(), ElementsAre("It is not running: it could not be started",
                                       "The last start failed in the step \"create\": no such file"));
}

TEST_F(Explanation, counts_the_restarts_and_says_when_the_next_comes) {
  container.phase = Phase::restarting;
  container.host_config.restart_policy.name = "on-failure";
  container.restart_count = 4;
  moment.restart_at_ns = moment.now_ns + 3200 * 1'000'000LL;
  ended("itself", 1);
  EXPECT_THAT(sentences().front(),
              "It is not running: its restart policy \"on-failure\" starts it again in 3.2 s, restart 5 since a user started it");
}

TEST_F(Explanation, says_what_holds_a_running_container_back) {
  container.phase = Phase::running;
  moment.stats.emplace();
  EXPECT_THAT(sentences(), ElementsAre("It has been running for 1 min 10 s"));
  moment.stats->memory_usage = 62 << 20;
  moment.stats->memory_limit = 64 << 20;
  moment.stats->pids = moment.stats->pids_limit = 10;
  moment.stats->extra_json =
      R"({"cpu_stats":{"throttling_data":{"periods":500,"throttled_periods":400,"throttled_time":41000000000}},
          "memory_stats":{"failcnt":7,"oom_kills":2},"pressure_stats":{"cpu":{"some":{"avg10":35.20}},"io":{"some":{"avg10":1.0}}}})";
  EXPECT_THAT(sentences(),
              ElementsAre("It has been running for 1 min 10 s",
                          "Its CPU limit held it back in 400 of 500 periods (80 %), for 41.0 s in all",
                          "The kernel has killed 2 of its processes for memory in this run",
                          "Its memory is at 97 % of its limit of 64.0 MiB", "It has run into its memory limit 7 times",
                          "It has as many processes as it may have (10): new ones fail",
                          "In the last 10 s it waited 35 % of the time for a CPU"));
}

TEST_F(Explanation, tells_the_health_and_what_the_last_check_said) {
  container.phase = Phase::running;
  Health health;
  health.log = {{1, 2, 7, "connection refused\nmore"}};
  container.health = std::make_shared<const Health>(health);
  EXPECT_EQ(sentences().back(),
            "It is not known to be healthy yet: the last one failed with code 7 and said \"connection refused\"");
  health.status = HealthStatus::unhealthy;
  health.failing_streak = 1;
  container.health = std::make_shared<const Health>(health);
  EXPECT_THAT(sentences().back(), HasSubstr("It is unhealthy: 1 check has failed: the last one failed"));
  health.failing_streak = 3;
  container.health = std::make_shared<const Health>(health);
  EXPECT_THAT(sentences().back(), HasSubstr("It is unhealthy: 3 checks in a row have failed: the last one failed"));
  container.phase = Phase::exited;
  ended("unhealthy", 137, 9);
  EXPECT_THAT(sentences(), Contains("The engine ended it because it was unhealthy"));
  EXPECT_THAT(sentences(), Contains(HasSubstr("Its health checks failed: the last one")));
}

TEST_F(Explanation, bears_a_driver_that_counts_nothing_or_nonsense) {
  container.phase = Phase::running;
  moment.stats.emplace();
  for (const char* extra : {"", "[]", "nonsense", R"({"cpu_stats":{"throttling_data":{}},"pressure_stats":{}})"}) {
    moment.stats->extra_json = extra;
    EXPECT_EQ(sentences().size(), 1U) << extra;
  }
}

TEST_F(Explanation, of_a_paused_container_is_since_when) {
  container.phase = Phase::paused;
  container.paused_ns = 160 * second;
  EXPECT_EQ(sentences().front(), "It has been paused for 10.0 s: its processes do not run until it is unpaused");
}

class ContainerExplain : public ServiceTest {
 protected:
  Explained explained(const std::string& id) { return daemon->run(service().explain(id)); }
};

TEST_F(ContainerExplain, knows_the_steps_of_the_last_start) {
  const std::string id = daemon->create();
  daemon->run(service().start(id));
  const StartRecord start = explained(id).container->history.start;
  std::vector<std::string> names;
  for (const StartStep& step : start.steps) names.push_back(step.name);
  EXPECT_THAT(names,
              ElementsAre("addresses and ports", "files", "mounts and specification", "create", "network", "attach", "start"));
  EXPECT_EQ(start.failed_step, "");
  EXPECT_NE(start.time_ns, 0);
  EXPECT_FALSE(start.by_policy);
}

TEST_F(ContainerExplain, names_the_failed_step_and_forgets_it_with_the_next_start) {
  const std::string id = daemon->create();
  daemon->runtime.fail_next_start(Error(Code::internal, "no room"));
  error_of([&] { daemon->run(service().start(id)); });
  EXPECT_EQ(explained(id).container->history.start.failed_step, "start");
  EXPECT_THAT(explained(id).sentences, Contains("The last start failed in the step \"start\": no room"));
  daemon->run(service().start(id));
  EXPECT_EQ(explained(id).container->history.start.failed_step, "");
}

TEST_F(ContainerExplain, outlives_the_daemon) {
  const std::string id = daemon->create();
  daemon->run(service().start(id));
  daemon->run(service().stop(id, {}));
  restart_daemon();
  const Explained after = explained(id);
  ASSERT_EQ(after.container->history.runs.size(), 1U);
  EXPECT_EQ(after.container->history.runs[0].ended_by, "stop");
  EXPECT_THAT(after.sentences, Contains("It was stopped by a user with SIGTERM"));
  EXPECT_FALSE(after.container->history.start.steps.empty());
}

TEST_F(ContainerExplain, of_what_is_not_there_is_an_error) {
  EXPECT_EQ(error_of([&] { explained("nobody"); }).code(), Code::not_found);
}

} // namespace
} // namespace gantry::test
