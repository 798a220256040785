#include "containers/signals.hpp"

#include <gtest/gtest.h>

namespace gantry::containers {
namespace {

struct Row {
  const char* text;
  std::optional<int> number;
};

class SignalText : public ::testing::TestWithParam<Row> {};

TEST_P(SignalText, means_a_number) { EXPECT_EQ(parse_signal(GetParam().text), GetParam().number) << GetParam().text; }

INSTANTIATE_TEST_SUITE_P(Rows, SignalText,
                         ::testing::Values(Row{"KILL", 9}, Row{"SIGKILL", 9}, Row{"sigterm", 15}, Row{"hup", 1}, Row{"15", 15},
                                           Row{"SIGRTMIN", 34}, Row{"RTMIN+3", 37}, Row{"SIGRTMAX-1", 63}, Row{"RTMAX", 64},
                                           Row{"99", 99}, Row{"-1", -1}, Row{"0", std::nullopt}, Row{"", std::nullopt},
                                           Row{"SIG", std::nullopt}, Row{"FOO", std::nullopt}, Row{"9 ", std::nullopt},
                                           Row{"RTMIN+31", std::nullopt}, Row{"99999999999999", std::nullopt}));

TEST(Signals, linux_has_1_to_64) {
  EXPECT_TRUE(is_linux_signal(1));
  EXPECT_TRUE(is_linux_signal(64));
  EXPECT_FALSE(is_linux_signal(0));
  EXPECT_FALSE(is_linux_signal(65));
  EXPECT_FALSE(is_linux_signal(-1));
}

} // namespace
} // namespace gantry::containers
