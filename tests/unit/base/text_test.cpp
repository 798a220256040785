#include "base/text.hpp"

#include <gtest/gtest.h>

namespace gantry {
namespace {

TEST(Text, lower_is_of_ascii) {
  EXPECT_EQ(lower("SHA256-Ä"), "sha256-Ä");
  EXPECT_EQ(lower(""), "");
}

TEST(Text, the_same_in_any_case) {
  EXPECT_TRUE(same_in_any_case("Content-Type", "content-TYPE"));
  EXPECT_FALSE(same_in_any_case("Content-Type", "Content-Typ"));
  EXPECT_FALSE(same_in_any_case("[", "{"));
}

TEST(Text, trimmed_keeps_what_is_inside) {
  EXPECT_EQ(trimmed(" \t a b\r\n"), "a b");
  EXPECT_EQ(trimmed(" \v\f"), "");
}

} // namespace
} // namespace gantry
