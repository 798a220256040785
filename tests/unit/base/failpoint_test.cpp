#include "base/failpoint.hpp"

#include <cstdlib>

#include <gtest/gtest.h>

#include "base/error.hpp"

// The variable is read once per process, so every case runs in a process of its own.
namespace {

int outcome(const char* setting) {
  ::setenv("GANTRY_FAILPOINTS", setting, 1);
  try {
    gantry::failpoint("create.after_prepare");
  } catch (const gantry::Error& e) {
    return e.code() == gantry::Code::internal ? 2 : 3;
  }
  return 0;
}

using testing::ExitedWithCode;

TEST(FailpointDeathTest, does_nothing_where_none_is_set) {
  EXPECT_EXIT(std::_Exit(outcome("start.x=kill")), ExitedWithCode(0), "");
}

TEST(FailpointDeathTest, kills_the_process) {
  EXPECT_EXIT(std::_Exit(outcome("a=error,create.after_prepare=kill")), testing::KilledBySignal(SIGKILL), "");
}

TEST(FailpointDeathTest, throws) { EXPECT_EXIT(std::_Exit(outcome("create.after_prepare=error")), ExitedWithCode(2), ""); }

TEST(FailpointDeathTest, delays) { EXPECT_EXIT(std::_Exit(outcome("create.after_prepare=sleep:1")), ExitedWithCode(0), ""); }

TEST(FailpointDeathTest, refuses_a_malformed_setting) {
  EXPECT_EXIT(std::_Exit(outcome("create.after_prepare=explode")), ExitedWithCode(3), "");
  EXPECT_EXIT(std::_Exit(outcome("create.after_prepare")), ExitedWithCode(3), "");
  EXPECT_EXIT(std::_Exit(outcome("x=sleep:soon")), ExitedWithCode(3), "");
}

} // namespace
