#include "api/filters.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.hpp"

namespace gantry::api {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(Filters, both_forms_mean_the_same) {
  const Filters current(R"({"label":{"a=b":true,"c":true}})", {"label"});
  const Filters legacy(R"({"label":["a=b","c"]})", {"label"});
  EXPECT_THAT(current.get("label"), ElementsAre("a=b", "c"));
  EXPECT_THAT(legacy.get("label"), ElementsAre("a=b", "c"));
}

TEST(Filters, a_value_set_to_false_is_not_wanted) { EXPECT_FALSE(Filters(R"({"label":{"a":false}})", {"label"}).has("label")); }

TEST(Filters, nothing_filters_nothing) {
  EXPECT_THAT(Filters("", {"label"}).get("label"), IsEmpty());
  EXPECT_THAT(Filters("{}", {"label"}).get("label"), IsEmpty());
}

TEST(Filters, unknown_keys_are_refused_by_name) {
  try {
    Filters(R"({"foo":["x"]})", {"label"});
    FAIL() << "accepted";
  } catch (const Error& error) {
    EXPECT_STREQ(error.what(), "invalid filter 'foo'");
    EXPECT_EQ(error.code(), Code::invalid);
  }
}

TEST(Filters, other_json_is_refused) {
  for (const auto* text : {"x", "[]", "1", "\"a\"", R"({"label":1})", R"({"label":[1]})", "{"})
    EXPECT_THROW(Filters(text, {"label"}), Error) << text;
}

TEST(Filters, flags_are_0_1_true_or_false) {
  EXPECT_TRUE(Filters(R"({"dangling":["1"]})", {"dangling"}).flag("dangling", false));
  EXPECT_FALSE(Filters(R"({"dangling":["false"]})", {"dangling"}).flag("dangling", true));
  EXPECT_TRUE(Filters("", {"dangling"}).flag("dangling", true));
  EXPECT_THROW(Filters(R"({"dangling":["yes"]})", {"dangling"}).flag("dangling", false), Error);
}

TEST(MatchLabels, every_wanted_label_must_be_there) {
  const std::map<std::string, std::string> labels{{"a", "1"}, {"b", ""}};
  EXPECT_TRUE(match_labels({}, labels));
  EXPECT_TRUE(match_labels({"a", "b="}, labels));
  EXPECT_TRUE(match_labels({"a=1"}, labels));
  EXPECT_FALSE(match_labels({"a=1", "c"}, labels));
  EXPECT_FALSE(match_labels({"a=2"}, labels));
}

TEST(MatchPattern, takes_text_or_expression_and_ignores_bad_ones) {
  EXPECT_TRUE(match_pattern({}, "web"));
  EXPECT_TRUE(match_pattern({"we"}, "web"));
  EXPECT_TRUE(match_pattern({"^w.b$"}, "web"));
  EXPECT_FALSE(match_pattern({"^b"}, "web"));
  EXPECT_FALSE(match_pattern({"("}, "web"));
  EXPECT_TRUE(match_pattern({"(", "web"}, "web"));
}

} // namespace
} // namespace gantry::api
