#include "build/dockerfile/dockerfile.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.hpp"

namespace gantry::build {
namespace {

using ::testing::ElementsAre;

std::string error_of(const std::string& text) {
  try {
    parse_dockerfile(text);
  } catch (const Error& e) {
    return e.what();
  }
  return "";
}

struct DockerfileRow {
  const char* text;
  const char* error;
};

TEST(Dockerfile, broken_files_are_refused_with_dockerds_texts) {
  const std::string p = "dockerfile parse error line 2: ";
  for (const DockerfileRow& row : std::initializer_list<DockerfileRow>{
           {"FOO x\n", "unknown instruction: FOO"},
           {"COPY x\n", "COPY requires at least two arguments, but only one was provided. Destination could not be determined"},
           {"LABEL\n", "LABEL requires at least one argument"},
           {"COPY --foo=755 a b\n", "Unknown flag: foo"},
           {"ARG\n", "ARG requires at least one argument"},
           {"WORKDIR\n", "WORKDIR requires exactly one argument"},
           {"VOLUME\n", "VOLUME requires at least one argument"},
           {"VOLUME [\"\"]\n", "VOLUME specified can not be an empty string"},
           {"HEALTHCHECK FOO\n", "Unknown type \"FOO\" in HEALTHCHECK (try CMD)"},
           {"HEALTHCHECK --foo CMD a\n", "Unknown flag: foo"},
           {"HEALTHCHECK CMD\n", "Missing command after HEALTHCHECK CMD"},
           {"HEALTHCHECK NONE x\n", "HEALTHCHECK NONE takes no arguments"},
           {"HEALTHCHECK\n", "HEALTHCHECK requires at least one argument"},
           {"SHELL x\n", "SHELL requires the arguments to be in JSON form"},
           {"SHELL []\n", "SHELL requires at least one argument"},
           {"ONBUILD FROM x\n", "FROM isn't allowed as an ONBUILD trigger"},
           {"ONBUILD ONBUILD x\n", "Chaining ONBUILD via `ONBUILD ONBUILD` isn't allowed"},
           {"ONBUILD\n", "ONBUILD requires at least one argument"},
           {"MAINTAINER\n", "MAINTAINER requires exactly one argument"},
           {"FROM a b\n", "FROM requires either one or three arguments"},
           {"FROM busybox as 1x\n", "invalid name for build stage: \"1x\", name can't start with a number or contain symbols"},
           {"RUN <<EOF\necho\n", "unterminated heredoc"},
       })
    EXPECT_EQ(error_of(std::string("FROM busybox\n") + row.text), p + row.error) << row.text;
}

TEST(Dockerfile, what_is_wrong_with_the_file_as_a_whole_has_no_line) {
  for (const DockerfileRow& row : std::initializer_list<DockerfileRow>{
           {"\n", "failed to parse Dockerfile: file with no instructions"},
           {"RUN x\n", "no build stage in current context"},
           {"FROM a\nENV x\n", "failed to parse Dockerfile: ENV must have two arguments"},
           {"FROM a\nENV a=b c\n",
            "failed to parse Dockerfile: Syntax error - can't find = in \"c\". Must be of the form: name=value"},
           {"# escape=x\nFROM a\n", "failed to parse Dockerfile: invalid escape token 'x' does not match ` or \\"},
           {"# escape=`\n# escape=`\nFROM a\n", "failed to parse Dockerfile: only one escape parser directive can be used"},
       })
    EXPECT_EQ(error_of(row.text), row.error) << row.text;
}

TEST(Dockerfile, continuations_skip_comments_and_empty_lines) {
  const auto file = parse_dockerfile("FROM a\nRUN one \\\n # no\n\n  two \\  \n three\nCMD x");
  ASSERT_EQ(file.instructions.size(), 3U);
  EXPECT_EQ(file.instructions[1].original, "RUN one   two  three");
  EXPECT_EQ(file.instructions[1].first_line, 2);
  EXPECT_EQ(file.instructions[1].last_line, 6);
  EXPECT_THAT(file.warnings, ElementsAre("[WARNING]: Empty continuation line found in:\n    RUN one   two  three"));
  EXPECT_EQ(file.instructions[2].first_line, 7);
}

TEST(Dockerfile, the_escape_directive_counts_only_at_the_top) {
  EXPECT_EQ(parse_dockerfile("#escape=`\nFROM a\nRUN a `\n b\\\n").instructions[1].original, "RUN a  b\\");
  EXPECT_EQ(parse_dockerfile("# hello\n# escape=`\nFROM a\nRUN a \\\n b\n").instructions[1].original, "RUN a  b");
}

TEST(Dockerfile, keywords_have_any_case_and_lines_may_be_indented) {
  const auto file = parse_dockerfile("\xef\xbb\xbf  from a\r\n\tRuN x\r\n");
  EXPECT_EQ(file.instructions[0].keyword, "FROM");
  EXPECT_EQ(file.instructions[1].original, "RuN x");
}

TEST(Dockerfile, arguments_have_the_form_of_their_instruction) {
  const auto words = [](const std::string& line) { return parse_instruction(line, '\\').words; };
  EXPECT_THAT(words("RUN [\"a\", \"b c\"]"), ElementsAre("a", "b c"));
  EXPECT_THAT(words("RUN [a, b]"), ElementsAre("[a, b]"));
  EXPECT_THAT(words("COPY [\"a b\", \"c\"]"), ElementsAre("a b", "c"));
  EXPECT_THAT(words("COPY a  b\tc"), ElementsAre("a", "b", "c"));
  EXPECT_THAT(words("ENV a  b c"), ElementsAre("a=b c"));
  EXPECT_THAT(words("ENV a=\"b c\" d=e\\ f"), ElementsAre("a=\"b c\"", "d=e\\ f"));
  EXPECT_THAT(words("ARG a b=c"), ElementsAre("a", "b=c"));
  EXPECT_THAT(words("HEALTHCHECK --interval=3s CMD curl x"), ElementsAre("CMD", "curl x"));
  EXPECT_THAT(words("WORKDIR /a b"), ElementsAre("/a b"));
  EXPECT_THROW(words("CMD [\"a\", 1]"), Error);
}

TEST(Dockerfile, flags_stand_in_front) {
  const auto copy = parse_instruction("COPY --from=x --chown=\"a:b\" a --b c", '\\');
  EXPECT_EQ(flag_value(copy, "from"), "x");
  EXPECT_EQ(flag_value(copy, "chown"), "a:b");
  EXPECT_THAT(copy.words, ElementsAre("a", "--b", "c"));
  EXPECT_THAT(parse_instruction("RUN -- x --y", '\\').words, ElementsAre("x --y"));
}

TEST(Dockerfile, heredocs_belong_to_their_line) {
  const auto file =
      parse_dockerfile("FROM a\nRUN <<EOF cat\n a\nFROM no\nEOF\nCOPY <<-\"one\" <<two /d/\n\tx\n\tone\ny\ntwo\nCMD z\n");
  ASSERT_EQ(file.instructions.size(), 4U);
  EXPECT_EQ(file.instructions[1].heredocs.at(0).content, " a\nFROM no\n");
  ASSERT_EQ(file.instructions[2].heredocs.size(), 2U);
  EXPECT_EQ(file.instructions[2].heredocs[0].content, "x\n");
  EXPECT_FALSE(file.instructions[2].heredocs[0].expand);
  EXPECT_EQ(file.instructions[2].heredocs[1].content, "y\n");
  EXPECT_TRUE(file.instructions[2].heredocs[1].expand);
  EXPECT_EQ(file.instructions[3].first_line, 11);
}

} // namespace
} // namespace gantry::build
