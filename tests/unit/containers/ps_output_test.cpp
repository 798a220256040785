#include "containers/ps_output.hpp"

#include <unistd.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.hpp"

namespace gantry::containers {
namespace {

using ::testing::ElementsAre;

TEST(PsOutput, keeps_the_containers_processes_with_their_whole_command) {
  const TopResult result = parse_ps("UID   PID CMD\nroot  10 sleep 1000\nroot  11 sh -c a  b\nroot 100 other\n", {10, 11});
  EXPECT_THAT(result.titles, ElementsAre("UID", "PID", "CMD"));
  ASSERT_EQ(result.processes.size(), 2U);
  EXPECT_THAT(result.processes[0], ElementsAre("root", "10", "sleep 1000"));
  EXPECT_THAT(result.processes[1], ElementsAre("root", "11", "sh -c a b"));
}

TEST(PsOutput, needs_a_pid_column) {
  EXPECT_THROW((void)parse_ps("COMMAND\nls\n", {1}), Error);
  EXPECT_THROW((void)parse_ps("", {1}), Error);
}

TEST(PsOutput, runs_ps_of_the_host) {
  const TopResult result = parse_ps(run_ps("-o pid,comm"), {::getpid()});
  EXPECT_THAT(result.titles, ElementsAre("PID", "COMMAND"));
}

TEST(PsOutput, reports_what_ps_complains_about) {
  try {
    (void)run_ps("-o nonsense");
    FAIL();
  } catch (const Error& e) {
    EXPECT_THAT(e.what(), ::testing::StartsWith("ps: "));
  }
}

} // namespace
} // namespace gantry::containers
