#include "containers/restart_policy.hpp"

#include <gtest/gtest.h>

namespace gantry::containers {
namespace {

constexpr std::int64_t ms = 1'000'000, s = 1000 * ms;

Container exited(const std::string& policy, int code, std::int64_t most = 0, std::int64_t count = 0, bool stopped = false) {
  Container container;
  container.host_config.restart_policy = {policy, most};
  container.exit_code = code;
  container.restart_count = count;
  container.manually_stopped = stopped;
  container.started_ns = 1;
  return container;
}

TEST(RestartDelay, doubles_from_100_ms_to_a_minute) {
  std::int64_t delay = next_restart_delay(0, 0);
  EXPECT_EQ(delay, 100 * ms);
  delay = next_restart_delay(delay, 0);
  EXPECT_EQ(delay, 200 * ms);
  for (int i = 0; i < 20; ++i) delay = next_restart_delay(delay, 0);
  EXPECT_EQ(delay, 60 * s);
}

TEST(RestartDelay, starts_over_after_a_run_of_ten_seconds) { EXPECT_EQ(next_restart_delay(60 * s, 10 * s), 100 * ms); }

TEST(RestartPolicy, no_never_restarts) {
  EXPECT_FALSE(wants_restart(exited("", 1)));
  EXPECT_FALSE(wants_restart(exited("no", 1)));
}

TEST(RestartPolicy, always_restarts_whatever_the_code) {
  EXPECT_TRUE(wants_restart(exited("always", 0)));
  EXPECT_TRUE(wants_restart(exited("unless-stopped", 0)));
}

TEST(RestartPolicy, on_failure_counts_its_tries) {
  EXPECT_FALSE(wants_restart(exited("on-failure", 0)));
  EXPECT_TRUE(wants_restart(exited("on-failure", 1)));
  EXPECT_TRUE(wants_restart(exited("on-failure", 1, 3, 2)));
  EXPECT_FALSE(wants_restart(exited("on-failure", 1, 3, 3)));
}

TEST(RestartPolicy, only_unless_stopped_remembers_what_a_user_did) {
  EXPECT_TRUE(wants_restart(exited("always", 1, 0, 0, true)));
  EXPECT_TRUE(wants_restart(exited("on-failure", 1, 0, 0, true)));
  EXPECT_FALSE(wants_restart(exited("unless-stopped", 1, 0, 0, true)));
}

TEST(RestartPolicy, at_boot_always_forgets_a_manual_stop_and_unless_stopped_does_not) {
  EXPECT_TRUE(wants_start_at_boot(exited("always", 0, 0, 0, true)));
  EXPECT_FALSE(wants_start_at_boot(exited("unless-stopped", 0, 0, 0, true)));
  EXPECT_TRUE(wants_start_at_boot(exited("unless-stopped", 0)));
}

TEST(RestartPolicy, at_boot_a_container_that_nobody_started_stays_down) {
  Container container = exited("always", 0);
  container.started_ns = 0;
  EXPECT_FALSE(wants_start_at_boot(container));
}

} // namespace
} // namespace gantry::containers
