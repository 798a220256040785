#include "images/platform.hpp"

#include <gtest/gtest.h>

#include "base/error.hpp"

namespace gantry::images {
namespace {

TEST(Platform, reads_dockers_spellings) {
  struct Row {
    const char *text, *expected;
  };
  for (const auto& row : std::initializer_list<Row>{{"linux/amd64", "linux/amd64"},
                                                    {"linux/x86_64", "linux/amd64"},
                                                    {"arm64", "linux/arm64"},
                                                    {"linux/arm64/v8", "linux/arm64"},
                                                    {"linux/arm", "linux/arm/v7"},
                                                    {"linux/armhf", "linux/arm/v7"},
                                                    {"LINUX/ARM/6", "linux/arm/v6"},
                                                    {R"({"os":"linux","architecture":"arm","variant":"v6"})", "linux/arm/v6"}})
    EXPECT_EQ(parse_platform(row.text).text(), row.expected) << row.text;
}

TEST(Platform, refuses_what_is_none_with_dockers_text) {
  try {
    parse_platform("a/b/c/d");
    FAIL();
  } catch (const Error& e) {
    EXPECT_STREQ(e.what(), "\"a/b/c/d\": cannot parse platform specifier: invalid argument");
    EXPECT_EQ(e.code(), Code::invalid);
  }
  EXPECT_THROW(parse_platform("linux//amd64"), Error);
  EXPECT_THROW(parse_platform("li nux"), Error);
  EXPECT_THROW(parse_platform("{}"), Error);
}

TEST(Platform, an_older_variant_runs_on_a_newer_machine) {
  EXPECT_TRUE(runs_on({"linux", "arm", "v6"}, parse_platform("linux/arm/v7")));
  EXPECT_FALSE(runs_on({"linux", "arm", "v7"}, parse_platform("linux/arm/v6")));
  EXPECT_FALSE(runs_on({"linux", "arm64", ""}, parse_platform("linux/amd64")));
  EXPECT_FALSE(runs_on({"windows", "amd64", ""}, parse_platform("linux/amd64")));
  EXPECT_TRUE(is_better({"linux", "arm", "v7"}, {"linux", "arm", "v6"}));
}

} // namespace
} // namespace gantry::images
