#include "cli/args/numbers.hpp"

#include <gtest/gtest.h>

#include "invocation.hpp"

namespace gantry::cli::test {
namespace {

TEST(Numbers, bytes_are_powers_of_1024) {
  const struct {
    const char* text;
    std::int64_t bytes;
  } rows[] = {{"512", 512},  {"10m", 10 << 20}, {"1.5g", 1610612736}, {"2GiB", 2147483648}, {"3kb", 3072},
              {"1 K", 1024}, {"7b", 7},         {".5k", 512}};
  for (const auto& row : rows) EXPECT_EQ(parse_bytes(row.text), row.bytes) << row.text;
  EXPECT_EQ(message_of([] { parse_bytes("xx"); }), "invalid size: 'xx'");
  EXPECT_EQ(message_of([] { parse_bytes("-1"); }), "invalid size: '-1'");
  EXPECT_EQ(message_of([] { parse_bytes("1zz"); }), "invalid suffix: 'zz'");
  EXPECT_EQ(parse_swap("-1"), -1);
}

TEST(Numbers, durations_are_gos) {
  EXPECT_EQ(parse_duration("1h30m"), 5'400'000'000'000);
  EXPECT_EQ(parse_duration("1.5s"), 1'500'000'000);
  EXPECT_EQ(parse_duration("300ms"), 300'000'000);
  EXPECT_EQ(parse_duration("0"), 0);
  EXPECT_EQ(message_of([] { parse_duration("1x"); }), "time: unknown unit \"x\" in duration \"1x\"");
  EXPECT_EQ(message_of([] { parse_duration("5"); }), "time: missing unit in duration \"5\"");
  EXPECT_EQ(message_of([] { parse_duration(""); }), "time: invalid duration \"\"");
}

TEST(Numbers, cpus_are_billionths) {
  EXPECT_EQ(parse_cpus("1.5"), 1'500'000'000);
  EXPECT_EQ(message_of([] { parse_cpus("xx"); }), "failed to parse xx as a rational number");
  EXPECT_EQ(message_of([] { parse_cpus("0.00000000001"); }), "value is too precise");
}

TEST(Numbers, integers_know_bases_and_limits) {
  EXPECT_EQ(parse_int("-0x10"), -16);
  EXPECT_EQ(parse_int("0"), 0);
  EXPECT_EQ(message_of([] { parse_int("9223372036854775808"); }),
            "strconv.ParseInt: parsing \"9223372036854775808\": value out of range");
  EXPECT_EQ(message_of([] { parse_uint("70000", 65535); }), "strconv.ParseUint: parsing \"70000\": value out of range");
}

} // namespace
} // namespace gantry::cli::test
