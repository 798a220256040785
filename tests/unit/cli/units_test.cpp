#include "cli/format/units.hpp"

#include <gtest/gtest.h>

namespace gantry::cli {
namespace {

TEST(Units, durations_read_as_dockers) {
  const struct {
    std::int64_t seconds;
    const char* text;
  } rows[] = {{0, "Less than a second"},  {1, "1 second"},         {59, "59 seconds"},      {60, "About a minute"},
              {119, "About a minute"},    {120, "2 minutes"},      {3599, "59 minutes"},    {3600, "About an hour"},
              {5399, "About an hour"},    {5400, "2 hours"},       {47 * 3600, "47 hours"}, {48 * 3600, "2 days"},
              {13 * 86400, "13 days"},    {14 * 86400, "2 weeks"}, {59 * 86400, "8 weeks"}, {60 * 86400, "2 months"},
              {729 * 86400, "24 months"}, {730 * 86400, "2 years"}};
  for (const auto& row : rows) EXPECT_EQ(human_duration(row.seconds), row.text) << row.seconds;
}

TEST(Units, sizes_have_significant_digits) {
  EXPECT_EQ(human_size(0, 3), "0B");
  EXPECT_EQ(human_size(1982298, 3), "1.98MB");
  EXPECT_EQ(human_size(1982298, 4), "1.982MB");
  EXPECT_EQ(human_size(999, 3), "999B");
  EXPECT_EQ(human_size(1000, 3), "1kB");
  EXPECT_EQ(human_size_binary(704512), "688KiB");
  EXPECT_EQ(human_size_binary(25276825600.0), "23.54GiB");
}

TEST(Units, times_are_read_with_fraction_and_zone) {
  EXPECT_EQ(parse_time("1970-01-01T00:00:01.5Z"), 1'500'000'000);
  EXPECT_EQ(parse_time("1970-01-01T02:00:00+02:00"), 0);
  EXPECT_EQ(parse_time("0001-01-01T00:00:00Z"), 0);
  EXPECT_EQ(parse_time("yesterday"), 0);
}

} // namespace
} // namespace gantry::cli
