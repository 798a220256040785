#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.hpp"
#include "containers/health/health_json.hpp"
#include "containers/health/network_probe.hpp"
#include "containers/health/probe_output.hpp"
#include "containers/health/rules.hpp"
#include "containers/health/validate_health.hpp"
#include "containers/model_json.hpp"

namespace gantry::containers {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr std::int64_t s = 1'000'000'000;

Container checked(const std::string& healthcheck) {
  Container container;
  container.config = config_from_json(Json::parse(R"({"Healthcheck":)" + healthcheck + "}"));
  container.started_ns = 1000 * s;
  begin_health(container);
  return container;
}

ProbeResult result(int code, std::int64_t after_s = 100) {
  ProbeResult r;
  r.start_ns = (1000 + after_s) * s;
  r.end_ns = r.start_ns + 1;
  r.exit_code = code;
  r.output = "said " + std::to_string(code);
  return r;
}

void apply(Container& container, ProbeResult r) { container.health = with_result(container, std::move(r)); }

TEST(HealthRules, the_probe_is_the_command_of_the_check) {
  EXPECT_THAT(probe_of(checked(R"({"Test":["CMD","a","b c"]})"))->command, ElementsAre("a", "b c"));
  EXPECT_THAT(probe_of(checked(R"({"Test":["CMD-SHELL","a b"]})"))->command, ElementsAre("/bin/sh", "-c", "a b"));
  Container own_shell = checked(R"({"Test":["CMD-SHELL","a b"]})");
  own_shell.config.shell = {"/bin/bash", "-ec"};
  EXPECT_THAT(probe_of(own_shell)->command, ElementsAre("/bin/bash", "-ec", "a b"));
}

TEST(HealthRules, there_is_no_probe_without_a_check) {
  EXPECT_FALSE(probe_of(Container()));
  for (const char* check : {R"({"Test":["NONE"]})", R"({"Test":[]})", R"({"Test":["FOO","x"]})", R"({"Test":[""]})", "{}"}) {
    EXPECT_FALSE(probe_of(checked(check))) << check;
    EXPECT_EQ(checked(check).health, nullptr) << check;
  }
}

TEST(HealthRules, a_probe_by_the_engine_takes_the_place_of_the_images_check) {
  Container container = checked(R"({"Test":["CMD","a"]})");
  container.extensions.probe_url = "tcp://:80";
  EXPECT_EQ(probe_of(container)->target->port, 80);
}

TEST(HealthRules, what_is_not_given_is_dockers) {
  const HealthTiming standard = health_timing(Container());
  EXPECT_EQ(standard.interval_ns, 30 * s);
  EXPECT_EQ(standard.timeout_ns, 30 * s);
  EXPECT_EQ(standard.start_period_ns, 0);
  EXPECT_EQ(standard.start_interval_ns, 5 * s);
  EXPECT_EQ(standard.retries, 3);
}

TEST(HealthRules, a_starting_container_is_asked_more_often_in_its_start_period) {
  const HealthTiming timing{30 * s, s, 60 * s, 2 * s, 3};
  EXPECT_EQ(next_probe_delay(timing, HealthStatus::starting, 59 * s), 2 * s);
  EXPECT_EQ(next_probe_delay(timing, HealthStatus::starting, 60 * s), 30 * s);
  EXPECT_EQ(next_probe_delay(timing, HealthStatus::healthy, s), 30 * s);
}

TEST(HealthRules, failures_in_a_row_make_it_unhealthy_and_one_success_healthy) {
  Container container = checked(R"({"Test":["CMD","a"],"Retries":2})");
  EXPECT_EQ(container.health->status, HealthStatus::starting);
  apply(container, result(1));
  EXPECT_EQ(container.health->status, HealthStatus::starting);
  EXPECT_FALSE(has_failed(container));
  apply(container, result(-1));
  EXPECT_EQ(container.health->status, HealthStatus::unhealthy);
  EXPECT_EQ(container.health->failing_streak, 2);
  EXPECT_TRUE(has_failed(container));
  apply(container, result(0));
  EXPECT_EQ(container.health->status, HealthStatus::healthy);
  EXPECT_EQ(container.health->failing_streak, 0);
  apply(container, result(1));
  EXPECT_EQ(container.health->status, HealthStatus::healthy);
}

TEST(HealthRules, failures_in_the_start_period_count_only_after_a_success) {
  Container container = checked(R"({"Test":["CMD","a"],"Retries":1,"StartPeriod":10000000000})");
  apply(container, result(1, 5));
  EXPECT_EQ(container.health->status, HealthStatus::starting);
  EXPECT_EQ(container.health->failing_streak, 0);
  apply(container, result(0, 6));
  apply(container, result(1, 7));
  EXPECT_EQ(container.health->status, HealthStatus::unhealthy);
  Container late = checked(R"({"Test":["CMD","a"],"Retries":1,"StartPeriod":10000000000})");
  apply(late, result(1, 10));
  EXPECT_EQ(late.health->status, HealthStatus::unhealthy);
}

TEST(HealthRules, the_last_five_results_are_kept) {
  Container container = checked(R"({"Test":["CMD","a"]})");
  for (int i = 0; i < 7; ++i) apply(container, result(i));
  std::vector<int> codes;
  for (const auto& kept : container.health->log) codes.push_back(kept.exit_code);
  EXPECT_THAT(codes, ElementsAre(2, 3, 4, 5, 6));
}

TEST(HealthRules, a_start_forgets_everything_but_the_log) {
  Container container = checked(R"({"Test":["CMD","a"],"Retries":1})");
  apply(container, result(1));
  begin_health(container);
  EXPECT_EQ(container.health->status, HealthStatus::starting);
  EXPECT_EQ(container.health->failing_streak, 0);
  EXPECT_EQ(container.health->log.size(), 1U);
}

TEST(HealthRules, what_is_not_probed_is_unhealthy_but_has_not_failed) {
  Container container = checked(R"({"Test":["CMD","a"]})");
  apply(container, result(0));
  suspend_health(container);
  EXPECT_EQ(container.health->status, HealthStatus::unhealthy);
  EXPECT_FALSE(has_failed(container));
  Container without;
  suspend_health(without);
  EXPECT_EQ(without.health, nullptr);
}

TEST(HealthRules, health_survives_the_database) {
  Container container = checked(R"({"Test":["CMD","a"],"Retries":1})");
  apply(container, result(7));
  const HealthPtr again = health_from_stored(Json::parse(stored_health(container).dump()));
  EXPECT_EQ(again->status, HealthStatus::unhealthy);
  EXPECT_EQ(again->failing_streak, 1);
  ASSERT_EQ(again->log.size(), 1U);
  EXPECT_EQ(again->log[0].output, "said 7");
  EXPECT_EQ(again->log[0].start_ns, 1100 * s);
  EXPECT_TRUE(stored_health(Container()).is_null());
}

TEST(ProbeOutput, is_cut_at_4096_bytes) {
  ProbeOutput output;
  output.append(std::string(4000, 'a'));
  EXPECT_EQ(output.text().size(), 4000U);
  output.append(std::string(96, 'b'));
  EXPECT_EQ(output.text().size(), 4096U);
  output.append("c");
  EXPECT_EQ(output.text(), std::string(4000, 'a') + std::string(96, 'b') + "...");
}

TEST(ProbeOutput, of_a_timeout_has_dockers_sentence) {
  ProbeOutput output;
  EXPECT_EQ(timeout_text(std::chrono::milliseconds(700), output), "Health check exceeded timeout (700ms)");
  output.append("so far");
  EXPECT_EQ(timeout_text(std::chrono::seconds(90), output), "Health check exceeded timeout (1m30s): so far");
}

TEST(HttpStatus, is_read_from_an_http_answer_only) {
  EXPECT_EQ(http_status("HTTP/1.1 200 OK\r\n"), 200);
  EXPECT_EQ(http_status("HTTP/1.0 503\r\n\r\n"), 503);
  for (const char* bad : {"", "HTTP/1.1", "HTTP/1.1 20", "HTTP/1.1 2x0 OK", "HTTP/1.1 2000 OK", "HTTP/2 200 OK\r\n",
                          "SSH-2.0-x\r\n", "http/1.1 200 OK\r\n", "HTTP/1.x 200 OK\r\n"}) {
    EXPECT_FALSE(http_status(bad)) << bad;
  }
}

std::string health_refusal(const Container& container) {
  std::vector<std::string> warnings;
  try {
    validate_health(container, warnings);
  } catch (const Error& e) {
    return e.what();
  }
  return "";
}

TEST(ValidateHealth, refuses_what_cannot_be_run) {
  EXPECT_EQ(health_refusal(checked(R"({"Test":["CMD"]})")), "Healthcheck: CMD needs a command");
  Container container = checked(R"({"Test":["CMD","a"]})");
  container.extensions.on_unhealthy = "explode";
  EXPECT_EQ(health_refusal(container), "Gantry.OnUnhealthy: \"explode\" is not one of none, restart and stop");
  container.extensions.on_unhealthy = "restart";
  EXPECT_EQ(health_refusal(container), "");
  container.config.healthcheck->test = {"NONE"};
  EXPECT_EQ(health_refusal(container), "Gantry.OnUnhealthy: the container has no health check that could find it unhealthy");
}

TEST(ValidateHealth, an_unknown_kind_is_a_warning_as_docker_creates_the_container) {
  std::vector<std::string> warnings;
  validate_health(checked(R"({"Test":["FOO","x"]})"), warnings);
  EXPECT_THAT(warnings, ElementsAre("Unknown healthcheck type 'FOO' (expected 'CMD'): the container has no health check"));
}

TEST(ValidateHealth, a_container_has_one_check) {
  Container container = checked(R"({"Test":["CMD","a"]})");
  container.extensions.probe_url = "tcp://:80";
  EXPECT_THROW(refuse_two_checks(container.config, container.extensions), Error);
  container.config.healthcheck->test.clear();
  EXPECT_NO_THROW(refuse_two_checks(container.config, container.extensions));
}

TEST(Extensions, are_read_and_written_under_their_names) {
  const Json json = Json::parse(R"({"Probe":{"URL":"http://:8080/healthz"},"OnUnhealthy":"restart"})");
  EXPECT_EQ(to_json(extensions_from_json(json)), json);
  EXPECT_TRUE(to_json(Extensions()).is_null());
  EXPECT_THROW(extensions_from_json(Json::parse(R"({"Probe":{}})")), Error);
  EXPECT_THROW(extensions_from_json(Json::parse(R"({"Probe":"http://:80"})")), Error);
  EXPECT_THROW(extensions_from_json(Json::parse(R"({"OnUnhealthy":1})")), Error);
}

} // namespace
} // namespace gantry::containers
