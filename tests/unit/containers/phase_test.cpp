#include "containers/phase.hpp"

#include <gtest/gtest.h>

#include "base/error.hpp"

namespace gantry::containers {
namespace {

constexpr Phase all[] = {Phase::created,    Phase::starting, Phase::running,  Phase::paused,
                         Phase::restarting, Phase::exited,   Phase::removing, Phase::dead};

TEST(Phase, is_stored_under_a_word_that_reads_back) {
  for (const Phase phase : all) EXPECT_EQ(phase_from(to_string(phase)), phase);
}

TEST(Phase, refuses_a_word_that_it_does_not_know) { EXPECT_THROW((void)phase_from("asleep"), Error); }

TEST(Phase, shows_a_container_that_is_starting_as_created) { EXPECT_EQ(docker_status(Phase::starting), "created"); }

TEST(Phase, leaves_removing_only_towards_dead) {
  for (const Phase phase : all) EXPECT_EQ(can_move(Phase::removing, phase), phase == Phase::dead) << to_string(phase);
}

TEST(Phase, never_removes_what_runs) {
  EXPECT_FALSE(can_move(Phase::running, Phase::removing));
  EXPECT_FALSE(can_move(Phase::paused, Phase::removing));
  EXPECT_FALSE(can_move(Phase::starting, Phase::removing));
}

} // namespace
} // namespace gantry::containers
