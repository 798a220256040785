#include "api/raw_json.hpp"

#include <gtest/gtest.h>

namespace gantry::api {
namespace {

TEST(RawMember, is_the_text_of_the_value) {
  const std::string_view object = R"({"a":1, "b" : {"c":[1,{"d":"}]\""}],"e":"x"},"f":null,"g":"t\\"})";
  EXPECT_EQ(raw_member(object, "a"), "1");
  EXPECT_EQ(raw_member(object, "b"), R"({"c":[1,{"d":"}]\""}],"e":"x"})");
  EXPECT_EQ(raw_member(object, "f"), "null");
  EXPECT_EQ(raw_member(object, "g"), R"("t\\")");
  EXPECT_EQ(raw_member(object, "c"), "") << "a member of a member is none of its own";
  EXPECT_EQ(raw_member(raw_member(object, "b"), "e"), R"("x")");
}

TEST(RawMember, of_what_is_no_object_is_nothing) {
  for (const char* text : {"", " ", "[]", "x", "{", "{}", R"({"a")", R"({"a":)", R"({"a":1)", R"({"a":"x)", R"({"a":[})",
                           R"({"a":{]})", R"({"a":"\)", R"({"a" 1})", R"({"b":1 "a":2})"}) {
    EXPECT_EQ(raw_member(text, "a"), "") << text;
  }
}

TEST(RawObject, has_all_members_up_to_what_is_broken) {
  const RawObject object(R"({"a":1, "b" : [2,3], "a":4, "c":"x,}", "d" 5, "e":6})");
  EXPECT_EQ(object["a"], "1");
  EXPECT_EQ(object["b"], "[2,3]");
  EXPECT_EQ(object["c"], R"("x,}")");
  EXPECT_EQ(object["e"], "");
  EXPECT_EQ(RawObject("")["a"], "");
}

TEST(Quoted, escapes_and_replaces_what_is_no_utf8) {
  EXPECT_EQ(quoted("a\"b"), R"("a\"b")");
  EXPECT_EQ(quoted(""), R"("")");
  EXPECT_EQ(quoted("back\\slash\n"), R"("back\\slash\n")");
  EXPECT_EQ(quoted("\x7f"), "\"\x7f\"");
  EXPECT_EQ(quoted("\xc3\xa4"), "\"\xc3\xa4\"");
  EXPECT_EQ(quoted("\xff"), "\"\xEF\xBF\xBD\"");
}

} // namespace
} // namespace gantry::api
