#include "base/id.hpp"

#include <set>

#include <gtest/gtest.h>

using namespace gantry;

namespace {

TEST(RandomId, is_64_hex_digits_that_never_look_like_a_number) {
  std::set<std::string> seen;
  for (int i = 0; i < 1000; ++i) {
    const auto id = random_id();
    EXPECT_EQ(id.size(), 64u);
    EXPECT_EQ(id.find_first_not_of("0123456789abcdef"), std::string::npos);
    EXPECT_NE(id.substr(0, 12).find_first_not_of("0123456789"), std::string::npos);
    EXPECT_TRUE(seen.insert(id).second);
  }
}

TEST(ShortId, drops_the_algorithm) {
  EXPECT_EQ(short_id("sha256:0123456789abcdef"), "0123456789ab");
  EXPECT_EQ(short_id("0123456789abcdef"), "0123456789ab");
  EXPECT_EQ(short_id("abc"), "abc");
}

} // namespace
