#include "build/dockerfile/expand.hpp"

#include <gtest/gtest.h>

#include <map>

#include "base/error.hpp"

namespace gantry::build {
namespace {

std::optional<std::string> lookup(const std::string& name) {
  static const std::map<std::string, std::string> values = {
      {"V", "value"}, {"EMPTY", ""}, {"PATHS", "a/b/c.tar.gz"}, {"NAME", "x y"}};
  const auto at = values.find(name);
  if (at == values.end()) return {};
  return at->second;
}

struct ExpandRow {
  const char* text;
  const char* expected;
};

TEST(Expand, every_operator_gives_what_the_shell_gives) {
  for (const ExpandRow& row : std::initializer_list<ExpandRow>{
           {"$V", "value"},
           {"${V}x", "valuex"},
           {"$Vx", ""},
           {"$", "$"},
           {"a$ b", "a$ b"},
           {"\\$V", "$V"},
           {"'$V'", "$V"},
           {"\"$V\"", "value"},
           {"\"\\$V\"", "$V"},
           {"\"a\\b\"", "a\\b"},
           {"a\\b", "ab"},
           {"\"it's\"", "it's"},
           {"${NONE:-w}", "w"},
           {"${EMPTY:-w}", "w"},
           {"${EMPTY-w}", ""},
           {"${NONE-w}", "w"},
           {"${V:+w}", "w"},
           {"${EMPTY:+w}", ""},
           {"${EMPTY+w}", "w"},
           {"${NONE:-${V}}", "value"},
           {"${NONE:-\"a }\"}", "a }"},
           {"${V:?no}", "value"},
           {"${PATHS#*/}", "b/c.tar.gz"},
           {"${PATHS##*/}", "c.tar.gz"},
           {"${PATHS%.*}", "a/b/c.tar"},
           {"${PATHS%%.*}", "a/b/c"},
           {"${PATHS/\\//-}", "a-b/c.tar.gz"},
           {"${PATHS//\\//-}", "a-b-c.tar.gz"},
           {"$1", ""},
       })
    EXPECT_EQ(expand(row.text, lookup, '\\'), row.expected) << row.text;
}

TEST(Expand, broken_words_are_refused_with_dockers_texts) {
  for (const ExpandRow& row : std::initializer_list<ExpandRow>{
           {"${b", "failed to process \"${b\": missing ':' in substitution"},
           {"${b:?foo}", "failed to process \"${b:?foo}\": b: foo"},
           {"\"x", "failed to process \"\\\"x\": unexpected end of statement while looking for matching double-quote"},
           {"'x", "failed to process \"'x\": unexpected end of statement while looking for matching single-quote"},
           {"${V:x}", "failed to process \"${V:x}\": unsupported modifier (:x) in substitution"},
       }) {
    try {
      expand(row.text, lookup, '\\');
      ADD_FAILURE() << row.text;
    } catch (const Error& e) {
      EXPECT_STREQ(e.what(), row.expected);
    }
  }
}

TEST(Expand, nesting_has_an_end) {
  std::string text;
  for (int i = 0; i < 10000; ++i) text += "${x:-";
  EXPECT_THROW(expand(text, lookup, '\\'), Error);
}

TEST(Expand, the_other_escape_character_leaves_backslashes_alone) {
  EXPECT_EQ(expand("c:\\dir\\`$V", lookup, '`'), "c:\\dir\\$V");
}

TEST(Expand, a_heredoc_keeps_its_quotes) { EXPECT_EQ(expand_heredoc("\"$V\" '\\$V'\n", lookup, '\\'), "\"value\" '$V'\n"); }

} // namespace
} // namespace gantry::build
