#include "containers/signals.hpp"

#include <gtest/gtest.h>

namespace gantry::containers {
namespace {

struct SignalRow {
  const char* text;
  std::optional<int> number;
};

class SignalText : public ::testing::TestWithParam<SignalRow> {};

TEST_P(SignalText, means_a_number) { EXPECT_EQ(parse_signal(GetParam().text), GetParam().number) << GetParam().text; }

INSTANTIATE_TEST_SUITE_P(Rows, SignalText,
                         ::testing::Values(SignalRow{"KILL", 9}, SignalRow{"SIGKILL", 9}, SignalRow{"sigterm", 15},
                                           SignalRow{"hup", 1}, SignalRow{"15", 15}, SignalRow{"SIGRTMIN", 34},
                                           SignalRow{"RTMIN+3", 37}, SignalRow{"SIGRTMAX-1", 63}, SignalRow{"RTMAX", 64},
                                           SignalRow{"99", 99}, SignalRow{"-1", -1}, SignalRow{"0", std::nullopt},
                                           SignalRow{"", std::nullopt}, SignalRow{"SIG", std::nullopt},
                                           SignalRow{"FOO", std::nullopt}, SignalRow{"9 ", std::nullopt},
                                           SignalRow{"RTMIN+31", std::nullopt}, SignalRow{"99999999999999", std::nullopt}));

TEST(Signals, linux_has_1_to_64) {
  EXPECT_TRUE(is_linux_signal(1));
  EXPECT_TRUE(is_linux_signal(64));
  EXPECT_FALSE(is_linux_signal(0));
  EXPECT_FALSE(is_linux_signal(65));
  EXPECT_FALSE(is_linux_signal(-1));
}

} // namespace
} // namespace gantry::containers
