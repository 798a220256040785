#include "containers/names.hpp"

#include <set>

#include <gtest/gtest.h>

#include "base/error.hpp"

namespace gantry::containers {
namespace {

struct NameRow {
  const char* name;
  bool valid;
};

class ContainerName : public ::testing::TestWithParam<NameRow> {};

TEST_P(ContainerName, follows_the_grammar) { EXPECT_EQ(is_valid_name(GetParam().name), GetParam().valid) << GetParam().name; }

INSTANTIATE_TEST_SUITE_P(Rows, ContainerName,
                         ::testing::Values(NameRow{"a1", true}, NameRow{"web_1.x-y", true}, NameRow{"9lives", true},
                                           NameRow{"a", false}, NameRow{"", false}, NameRow{"_a", false},
                                           NameRow{".hidden", false}, NameRow{"-flag", false}, NameRow{"a b", false},
                                           NameRow{"a/b", false}, NameRow{"a\n", false}, NameRow{"caf\xc3\xa9", false}));

TEST(ContainerNames, one_leading_slash_is_not_part_of_the_name) {
  EXPECT_EQ(checked_name("/web"), "web");
  EXPECT_THROW((void)checked_name("//web"), Error);
}

TEST(ContainerNames, a_bad_name_is_quoted_in_the_error) {
  try {
    (void)checked_name("!");
    FAIL();
  } catch (const Error& e) {
    EXPECT_STREQ(e.what(), "Invalid container name (!), only [a-zA-Z0-9][a-zA-Z0-9_.-] are allowed");
    EXPECT_EQ(e.code(), Code::invalid);
  }
}

TEST(ContainerNames, generated_names_are_valid_and_never_taken) {
  std::set<std::string> taken;
  for (int i = 0; i < 6000; ++i) { // more than there are pairs of words
    const std::string name = generate_name([&](const std::string& candidate) { return taken.contains(candidate); });
    EXPECT_TRUE(is_valid_name(name)) << name;
    EXPECT_TRUE(taken.insert(name).second) << name;
  }
}

} // namespace
} // namespace gantry::containers
