#include "registry/challenge.hpp"

#include <gtest/gtest.h>

namespace gantry::registry {
namespace {

TEST(Challenge, reads_a_bearer_challenge) {
  const auto all =
      parse_challenges(R"(Bearer realm="https://auth.test/token",service="registry.test",scope="repository:a/b:pull,push")");
  ASSERT_EQ(all.size(), 1u);
  EXPECT_EQ(all[0].scheme, "bearer");
  EXPECT_EQ(all[0].parameter("realm"), "https://auth.test/token");
  EXPECT_EQ(all[0].parameter("service"), "registry.test");
  EXPECT_EQ(all[0].parameter("scope"), "repository:a/b:pull,push");
}

TEST(Challenge, reads_several_challenges_of_one_header) {
  const auto all = parse_challenges(R"(Basic realm="a \"b\"", Negotiate, BEARER Realm=plain)");
  ASSERT_EQ(all.size(), 3u);
  EXPECT_EQ(all[0].parameter("realm"), "a \"b\"");
  EXPECT_EQ(all[1].scheme, "negotiate");
  EXPECT_EQ(all[2].parameter("realm"), "plain");
}

TEST(Challenge, survives_garbage) {
  EXPECT_TRUE(parse_challenges("").empty());
  EXPECT_TRUE(parse_challenges("=====").empty());
  EXPECT_TRUE(parse_challenges("\"\"").empty());
  EXPECT_EQ(parse_challenges("Bearer realm=\"never ends").size(), 1u);
  EXPECT_LE(parse_challenges(std::string(100000, 'a') + ", b, c").size(), 3u);
}

} // namespace
} // namespace gantry::registry
