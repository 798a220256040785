#include "base/time.hpp"

#include <cstdlib>
#include <ctime>

#include <gtest/gtest.h>

#include "base/error.hpp"

using namespace gantry;

namespace {

constexpr std::int64_t second = 1'000'000'000;
constexpr std::int64_t moment = 1704164645 * second; // 2024-01-02T03:04:05Z

TEST(Rfc3339Nano, cuts_trailing_zeros) {
  EXPECT_EQ(rfc3339_nano(moment), "2024-01-02T03:04:05Z");
  EXPECT_EQ(rfc3339_nano(moment + 600'000'000), "2024-01-02T03:04:05.6Z");
  EXPECT_EQ(rfc3339_nano(moment + 1), "2024-01-02T03:04:05.000000001Z");
  EXPECT_EQ(rfc3339_nano(-second / 2), "1969-12-31T23:59:59.5Z");
}

TEST(Rfc3339Nano, shows_never_as_go_does) { EXPECT_EQ(rfc3339_nano(0), "0001-01-01T00:00:00Z"); }

TEST(Rfc3339Nano, fixed_has_nine_digits) {
  EXPECT_EQ(rfc3339_nano_fixed(moment + 600'000'000), "2024-01-02T03:04:05.600000000Z");
}

struct Sample {
  const char* text;
  std::int64_t ns;
};

TEST(Duration, reads_what_go_reads) {
  const Sample samples[] = {{"0", 0},
                            {"10s", 10 * second},
                            {"1h30m", 5400 * second},
                            {"1.5h", 5400 * second},
                            {".5s", second / 2},
                            {"1.s", second},
                            {"-1m", -60 * second},
                            {"+2ms", 2'000'000},
                            {"3us4ns", 3004},
                            {"3\u00b5s", 3000},
                            {"3\u03bcs", 3000},
                            {"2562047h", 2562047LL * 3600 * second}};
  for (const auto& [text, ns] : samples) EXPECT_EQ(parse_duration(text), ns) << text;
}

TEST(Duration, refuses_everything_else) {
  for (const char* text : {"", "-", "10", "s", ".s", "1x", "1h30", "9999999h", "99999999999999999999s", "1 s", "1s ", "--1s"}) {
    EXPECT_THROW(parse_duration(text), Error) << text;
  }
}

TEST(Timestamp, reads_unix_seconds_and_rfc3339) {
  const Sample samples[] = {{"1704164645", moment},
                            {"1704164645.5", moment + second / 2},
                            {"1704164645.000000001", moment + 1},
                            {"0", 0},
                            {"-1.5", -second - second / 2},
                            {"2024-01-02T03:04:05Z", moment},
                            {"2024-01-02T03:04:05.25Z", moment + second / 4},
                            {"2024-01-02T05:04:05+02:00", moment},
                            {"2024-01-01T21:34:05-05:30", moment},
                            {"2024-01-02T03:04Z", moment - 5 * second},
                            {"0001-01-01T00:00:00Z", 0}};
  for (const auto& [text, ns] : samples) EXPECT_EQ(parse_timestamp(text), ns) << text;
}

TEST(Timestamp, without_a_zone_is_local_time) {
  ::setenv("TZ", "UTC-2", 1);
  ::tzset();
  EXPECT_EQ(parse_timestamp("2024-01-02T05:04:05"), moment);
  EXPECT_EQ(parse_timestamp("2024-01-02"), moment - (5 * 3600 + 4 * 60 + 5) * second);
  ::unsetenv("TZ");
  ::tzset();
}

TEST(Timestamp, takes_a_duration_as_so_long_ago) {
  const auto before = now_ns();
  const auto when = parse_timestamp("10m");
  EXPECT_GE(when, before - 600 * second);
  EXPECT_LE(when, now_ns() - 600 * second);
}

TEST(Duration, is_written_as_go_does) {
  const std::pair<std::int64_t, const char*> samples[] = {{0, "0s"},
                                                          {1, "1ns"},
                                                          {1500, "1.5\u00b5s"},
                                                          {700'000'000, "700ms"},
                                                          {1'050'000, "1.05ms"},
                                                          {second, "1s"},
                                                          {1'500'000'000, "1.5s"},
                                                          {90 * second, "1m30s"},
                                                          {3600 * second, "1h0m0s"},
                                                          {-second, "-1s"}};
  for (const auto& [ns, text] : samples) EXPECT_EQ(duration_text(ns), text);
}

TEST(Timestamp, refuses_everything_else) {
  for (const char* text : {"", "yesterday", "2024-13-01", "2023-02-30", "2024-01-02T", "2024-01-02T25:00",
                           "2024-01-02T03:04:05.Z", "2024-01-02T03:04:05+2", "1.", "1.5.5", "9000-01-01"}) {
    EXPECT_THROW(parse_timestamp(text), Error) << text;
  }
}

} // namespace
