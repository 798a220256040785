#include "build/dockerfile/position.hpp"

#include <gtest/gtest.h>

#include "build/dockerfile/dockerfile.hpp"

namespace gantry::build {
namespace {

std::string shown(const std::string& text) {
  try {
    parse_dockerfile(text);
  } catch (const DockerfileError& e) {
    return show_place("Dockerfile", text, e.place(), e.place().why.empty() ? e.what() : e.place().why);
  }
  return "";
}

struct PositionRow {
  const char* text;
  const char* shown;
};

TEST(Position, errors_show_the_line_and_what_is_meant) {
  for (const PositionRow& row : std::initializer_list<PositionRow>{
           {"FROM a\n  FORM b\n",
            "Dockerfile:2:3: unknown instruction: FORM (did you mean FROM?)\n   2 |   FORM b\n     |   ^~~~"},
           {"FROM a\nXYZZY b\n", "Dockerfile:2:1: unknown instruction: XYZZY\n   2 | XYZZY b\n     | ^~~~~"},
           {"FROM a\nCOPY --chwon=x a b\n",
            "Dockerfile:2:6: unknown flag: --chwon (did you mean chown?)\n   2 | COPY --chwon=x a b\n     |      ^~~~~~~"},
           {"FROM a\nCOPY --from a b\n",
            "Dockerfile:2:6: Missing a value on flag: from\n   2 | COPY --from a b\n     |      ^~~~~~"},
           {"FROM a\nLABEL x=y \\\n  \xc3\xa4\xc3\xb6 z\n",
            "Dockerfile:3:3: Syntax error - can't find = in \"\xc3\xa4\xc3\xb6\". Must be of the form: name=value\n   2 | LABEL "
            "x=y \\\n   3 |   "
            "\xc3\xa4\xc3\xb6 z\n     |   ^~"},
           {"RUN x\n", "Dockerfile:1: no build stage in current context\n   1 | RUN x"},
           {"FROM a\nADD x\n",
            "Dockerfile:2: ADD requires at least two arguments, but only one was provided. Destination could not be determined\n "
            "  2 | "
            "ADD x"},
           {"FROM a\nRUN <<E\nx\n", "Dockerfile:2:5: unterminated heredoc\n   2 | RUN <<E\n     |     ^~"},
           {"# escape=x\nFROM a\n",
            "Dockerfile:1:10: invalid escape token 'x' does not match ` or \\\n   1 | # escape=x\n     |          ^"},
       })
    EXPECT_EQ(shown(row.text), row.shown) << row.text;
}

TEST(Position, what_a_file_says_does_not_reach_a_terminal_raw) {
  EXPECT_EQ(show_place("D", "FROM a\nR\x1b[31mUN\tx\n", {2, 2}, "why"), "D:2: why\n   2 | R?[31mUN x");
  const std::string text = "RUN " + std::string(100000, 'x') + "\n";
  EXPECT_LT(show_place("D", text, {1, 1, "x"}, "why").size(), 400U);
  std::string many;
  for (int i = 0; i < 1000; ++i) many += "x\n";
  EXPECT_LT(show_place("D", many, {1, 1000}, "why").size(), 400U);
}

TEST(Position, a_place_outside_of_the_text_is_none) {
  EXPECT_EQ(show_place("D", "FROM a\n", {7, 9}, "why"), "D: why");
  EXPECT_EQ(show_place("D", "", {1, 1}, "why"), "D: why");
  EXPECT_EQ(show_excerpt("FROM a\n", {}), "");
}

TEST(Position, an_excerpt_marks_the_lines_that_are_meant) {
  EXPECT_EQ(show_excerpt("1\n2\n3\n4\n5\n6\n", {3, 4}),
            "--------------------\n   1 |     1\n   2 |     2\n   3 | >>> 3\n   4 | >>> 4\n   5 |     5\n   6 |     "
            "6\n--------------------\n");
}

} // namespace
} // namespace gantry::build
