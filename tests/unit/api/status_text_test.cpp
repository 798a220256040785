#include "api/containers/status_text.hpp"

#include <gtest/gtest.h>

namespace gantry::api {
namespace {

using gantry::containers::Container;
using gantry::containers::Phase;

constexpr std::int64_t second_ns = 1'000'000'000, minute_span = 60 * second_ns, hour = 60 * minute_span, day = 24 * hour;

struct TextRow {
  std::int64_t ns;
  const char* text;
};

class HumanDuration : public testing::TestWithParam<TextRow> {};

TEST_P(HumanDuration, is_rough) { EXPECT_EQ(human_duration(GetParam().ns), GetParam().text); }

INSTANTIATE_TEST_SUITE_P(all, HumanDuration,
                         testing::Values(TextRow{-second_ns, "Less than a second"}, TextRow{second_ns / 2, "Less than a second"},
                                         TextRow{second_ns, "1 second"}, TextRow{59 * second_ns, "59 seconds"},
                                         TextRow{minute_span, "About a minute"}, TextRow{59 * minute_span, "59 minutes"},
                                         TextRow{hour, "About an hour"}, TextRow{2 * hour, "2 hours"},
                                         TextRow{47 * hour, "47 hours"}, TextRow{2 * day, "2 days"}, TextRow{13 * day, "13 days"},
                                         TextRow{14 * day, "2 weeks"}, TextRow{60 * day, "2 months"},
                                         TextRow{730 * day, "2 years"}));

Container in(Phase phase) {
  Container container;
  container.phase = phase;
  container.exit_code = 137;
  container.started_ns = container.finished_ns = 100 * second_ns;
  return container;
}

TEST(StatusText, says_what_the_phase_is_and_since_when) {
  const auto now = 105 * second_ns;
  EXPECT_EQ(status_text(in(Phase::running), now), "Up 5 seconds");
  EXPECT_EQ(status_text(in(Phase::paused), now), "Up 5 seconds (Paused)");
  EXPECT_EQ(status_text(in(Phase::exited), now), "Exited (137) 5 seconds ago");
  EXPECT_EQ(status_text(in(Phase::restarting), now), "Restarting (137) 5 seconds ago");
  EXPECT_EQ(status_text(in(Phase::created), now), "Created");
  EXPECT_EQ(status_text(in(Phase::starting), now), "Created");
  EXPECT_EQ(status_text(in(Phase::dead), now), "Dead");
  EXPECT_EQ(status_text(in(Phase::removing), now), "Removal In Progress");
}

TEST(StatusText, of_a_running_container_tells_its_health) {
  using gantry::containers::HealthStatus;
  auto with = [](Phase phase, HealthStatus status) {
    Container container = in(phase);
    container.health = std::make_shared<const gantry::containers::Health>(gantry::containers::Health{status, 0, {}});
    return status_text(container, 105 * second_ns);
  };
  EXPECT_EQ(with(Phase::running, HealthStatus::starting), "Up 5 seconds (health: starting)");
  EXPECT_EQ(with(Phase::running, HealthStatus::healthy), "Up 5 seconds (healthy)");
  EXPECT_EQ(with(Phase::running, HealthStatus::unhealthy), "Up 5 seconds (unhealthy)");
  EXPECT_EQ(with(Phase::paused, HealthStatus::unhealthy), "Up 5 seconds (Paused)");
  EXPECT_EQ(with(Phase::exited, HealthStatus::unhealthy), "Exited (137) 5 seconds ago");
}

} // namespace
} // namespace gantry::api
