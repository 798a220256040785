#include "build/context/ignore.hpp"

#include <gtest/gtest.h>

#include "base/error.hpp"

namespace gantry::build {
namespace {

struct IgnoreRow {
  const char* rules;
  const char* path;
  bool ignored;
};

TEST(IgnoreRules, match_as_moby_does) {
  for (const IgnoreRow& row : std::initializer_list<IgnoreRow>{
           {"a", "a", true},
           {"a", "a/b", true},
           {"a", "b/a", false},
           {"*/a", "b/a", true},
           {"*/a", "a", false},
           {"**/a", "a", true},
           {"**/a", "x/y/a", true},
           {"**/a", "x/ya", false},
           {"a/**", "a/b/c", true},
           {"a/**", "a", false},
           {"**", "a/b", true},
           {"*.go", "x.go", true},
           {"*.go", "d/x.go", false},
           {"**/*.go", "d/x.go", true},
           {"/a", "a", true},
           {"a/", "a/b", true},
           {"./a", "a", true},
           {"x/../a", "a", true},
           {"# a", "a", false},
           {" a ", "a", true},
           {"*\n!a", "a", false},
           {"*\n!a", "b", true},
           {"*\n!a/b", "a/b/c", false},
           {"*\n!a/b\na/b/c", "a/b/c", true},
           {"!a\na", "a", true},
           {"a?c", "abc", true},
           {"a?c", "a/c", false},
           {"[a-c]x", "bx", true},
           {"[^a-c]x", "bx", false},
           {"\\*", "*", true},
           {"\\*", "a", false},
           {"**/node_modules\n!**/node_modules/keep", "p/node_modules/keep", false},
           {".", "a", false},
       })
    EXPECT_EQ(IgnoreRules(row.rules).ignores(row.path), row.ignored) << row.rules << " against " << row.path;
}

TEST(IgnoreRules, refuse_a_lone_exclamation_mark) { EXPECT_THROW(IgnoreRules("!"), Error); }

TEST(IgnoreRules, many_stars_take_no_exponential_time) {
  std::string pattern;
  for (int i = 0; i < 200; ++i) pattern += "**/a*";
  EXPECT_FALSE(IgnoreRules(pattern).ignores(std::string(400, 'a')));
}

} // namespace
} // namespace gantry::build
