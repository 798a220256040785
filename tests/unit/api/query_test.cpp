#include "api/query.hpp"

#include <gtest/gtest.h>

#include "base/error.hpp"

namespace gantry::api {
namespace {

TEST(Query, decodes_names_and_values) {
  const Query query("a=1&b=x%20y+z&c&a=2&%64=%2F");
  EXPECT_EQ(query.get("a"), "1");
  EXPECT_EQ(query.all("a"), (std::vector<std::string>{"1", "2"}));
  EXPECT_EQ(query.get("b"), "x y z");
  EXPECT_TRUE(query.has("c"));
  EXPECT_EQ(query.get("d"), "/");
  EXPECT_FALSE(query.has("e"));
}

struct Flag {
  const char* query;
  bool value;
};

class QueryFlag : public testing::TestWithParam<Flag> {};

TEST_P(QueryFlag, follows_dockers_rule) { EXPECT_EQ(Query(GetParam().query).flag("f"), GetParam().value) << GetParam().query; }

INSTANTIATE_TEST_SUITE_P(all, QueryFlag,
                         testing::Values(Flag{"", false}, Flag{"f=", false}, Flag{"f=0", false}, Flag{"f=No", false},
                                         Flag{"f=FALSE", false}, Flag{"f=none", false}, Flag{"f=1", true}, Flag{"f=True", true},
                                         Flag{"f=yes", true}, Flag{"f=2", true}, Flag{"f=off", true}));

TEST(Query, a_flag_that_is_not_given_takes_its_default) { EXPECT_TRUE(Query("x=1").flag("stream", true)); }

TEST(Query, integers_are_decimal) {
  EXPECT_EQ(Query("t=-1").integer("t"), -1);
  EXPECT_EQ(Query("t=10").integer("t"), 10);
  EXPECT_EQ(Query("t=").integer("t"), std::nullopt);
  EXPECT_EQ(Query("").integer("t"), std::nullopt);
  for (const auto* text : {"t=x", "t=1x", "t=0x10", "t=99999999999999999999", "t=%201"})
    EXPECT_THROW(Query(text).integer("t"), Error) << text;
}

TEST(Query, broken_escapes_and_nul_bytes_are_refused) {
  for (const auto* text : {"a=%", "a=%2", "a=%zz", "a=%00", "%"}) EXPECT_THROW(Query{text}, Error) << text;
}

} // namespace
} // namespace gantry::api
