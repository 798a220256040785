// A look ahead at a Dockerfile: buildkit/solve/dockerfile_needs.hpp.
#include "buildkit/solve/dockerfile_needs.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "base/text.hpp"
#include "build/dockerfile/dockerfile.hpp"
#include "buildkit/solve/dockerfile_lines.hpp"

namespace gantry::buildkit {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

DockerfileNeeds needs(const std::string& text, const std::string& target = "", std::map<std::string, std::string> args = {},
                      std::set<std::string> contexts = {}) {
  return needs_of(text, target, args, contexts);
}

TEST(Needs, of_a_build_without_files_are_none) {
  const auto found = needs("FROM busybox\nRUN true\n");
  EXPECT_THAT(found.images, ElementsAre("busybox"));
  EXPECT_TRUE(found.sure_of_images);
  EXPECT_FALSE(found.whole_context);
  EXPECT_THAT(found.context_paths, IsEmpty());
}

TEST(Needs, are_the_sources_of_what_is_copied) {
  const auto found = needs(
      "FROM scratch\n"
      "COPY --chown=1:1 src/a \\\n  ./b /to/\n"
      "ADD [\"c d\", \"/x\"]\n"
      "ADD https://example.org/x /\n"
      "COPY <<EOF /here\nCOPY not /me\nEOF\n"
      "RUN --mount=type=bind,source=m,target=/m --mount=type=cache,target=/c true\n");
  EXPECT_THAT(found.context_paths, ElementsAre("b", "c d", "m", "src/a"));
  EXPECT_FALSE(found.whole_context);
}

TEST(Needs, are_everything_where_it_is_not_sure) {
  for (const char* line : {"COPY . /", "COPY / /x", "COPY $A /", "ADD a$b /", "COPY --parents a/./b /", "COPY \"a b\" /",
                           "RUN --mount=target=/x true", "COPY ../.. /"})
    EXPECT_TRUE(needs(std::string("FROM scratch\n") + line + "\n").whole_context) << line;
}

TEST(Needs, are_those_of_the_targets_stages) {
  const std::string text =
      "FROM a AS one\nCOPY 1 /\nFROM b AS two\nCOPY 2 /\nFROM one AS three\nCOPY --from=two /2 /\nFROM c\nCOPY 4 /\n";
  EXPECT_THAT(needs(text, "three").images, ElementsAre("a", "b"));
  EXPECT_THAT(needs(text, "three").context_paths, ElementsAre("1", "2"));
  EXPECT_THAT(needs(text, "ONE").context_paths, ElementsAre("1"));
  EXPECT_THAT(needs(text, "0").context_paths, ElementsAre("1"));
  EXPECT_THAT(needs(text).images, ElementsAre("c"));
  EXPECT_FALSE(needs(text, "nope").sure_of_images);
}

TEST(Needs, know_arguments_before_the_first_stage) {
  EXPECT_THAT(needs("ARG V=1\nFROM a:${V}\n").images, ElementsAre("a:1"));
  EXPECT_THAT(needs("ARG V=1\nFROM a:$V\n", "", {{"V", "2"}}).images, ElementsAre("a:2"));
  EXPECT_THAT(needs("FROM a:${V:-3}\n").images, ElementsAre("a:3"));
  EXPECT_FALSE(needs("FROM a:$V\n").sure_of_images);
}

TEST(Needs, pass_over_named_contexts) {
  const auto found = needs("FROM base\nCOPY --from=src /x /\n", "", {}, {"base", "src"});
  EXPECT_THAT(found.images, IsEmpty());
  EXPECT_TRUE(found.takes_from_elsewhere);
}

TEST(Needs, know_the_first_line_of_a_here_document) {
  const auto found = needs("FROM a\nRUN <<EOF\necho one\necho two\nEOF\nRUN <<E\necho three\nE\n").here_documents;
  EXPECT_EQ(found.at("RUN <<EOF"), "RUN <<EOF (echo one...)");
  EXPECT_EQ(found.at("RUN <<E"), "RUN <<E (echo three)");
}

TEST(Needs, take_thousands_of_stages_that_are_built_on_each_other) {
  std::string text = "FROM a AS s0\n";
  for (int i = 1; i < 5000; ++i) text += "FROM s" + std::to_string(i - 1) + " AS s" + std::to_string(i) + "\n";
  EXPECT_THAT(needs(text).images, ElementsAre("a"));
}

TEST(Needs, survive_nonsense) {
  for (const char* text :
       {"", "\n\n", "FROM", "COPY", "FROM\nCOPY\n", "FROM a\nCOPY [\"a\"", "FROM a AS\nRUN <<", "FROM a\nRUN <<EOF",
        "# escape=`\nFROM a`\n", "FROM a\nCOPY --from= x /", "FROM ${", "\\", "FROM a\nRUN --mount= x"})
    EXPECT_NO_THROW((void)needs(text)) << text;
}

TEST(Needs, do_not_take_values_that_double_without_limit) {
  std::string text = "ARG V0=0123456789\n";
  for (int i = 1; i < 60; ++i)
    text += "ARG V" + std::to_string(i) + "=$V" + std::to_string(i - 1) + "$V" + std::to_string(i - 1) + "\n";
  const auto found = needs(text + "FROM a:$V59\nFROM b\n");
  EXPECT_FALSE(found.stages.at(0).known_base);
  EXPECT_LT(found.stages.at(0).base.size(), 1u << 20);
  // Nor many that are long: all together are bounded, too.
  text = "ARG V=" + std::string(60 << 10, 'v') + "\n";
  for (int i = 0; i < 1000; ++i) text += "FROM $V AS s" + std::to_string(i) + "\n";
  std::size_t bytes = 0;
  for (const auto& stage : needs(text).stages) bytes += stage.base.size();
  EXPECT_LT(bytes, 2u << 20);
}

TEST(Needs, see_no_here_document_where_there_is_none) {
  for (const char* line : {"RUN echo $((1<<20))", "RUN cat <<<word", "RUN echo \"a <<EOF b\"", "RUN echo 'x <<EOF'", "RUN a<<EOF",
                           "RUN [\"echo\", \"<<EOF\"]", "COPY [\"<<a\", \"/x\"]", "# no escape is ` here\nRUN a `"}) {
    const auto found = needs(std::string("FROM a\n") + line + "\nCOPY f /\n");
    EXPECT_THAT(found.context_paths, testing::Contains("f")) << line;
    EXPECT_FALSE(found.whole_context) << line;
  }
}

TEST(Needs, want_everything_when_a_here_document_has_no_end) {
  const auto found = needs("FROM a\nRUN <<EOF\ntrue\nFROM b\nCOPY f /\n");
  EXPECT_TRUE(found.whole_context);
  EXPECT_FALSE(found.sure_of_images);
  EXPECT_EQ(found.stages.size(), 2u);
}

TEST(Needs, know_the_escape_directive_and_nothing_like_it) {
  EXPECT_THAT(needs("# escape=`\nFROM a\nCOPY f `\n  g /\n").context_paths, ElementsAre("f", "g"));
  EXPECT_THAT(needs("# an escape like ` is not meant\nFROM a\nCOPY f \\\n  g /\n").context_paths, ElementsAre("f", "g"));
  EXPECT_THAT(needs("# a comment\n# escape=`\nFROM a\nCOPY f \\\n  g /\n").context_paths, ElementsAre("f", "g"));
}

/// The engine decides what a Dockerfile says: what is seen ahead is the same.
TEST(DockerfileLines, are_the_engines) {
  for (const char* text :
       {"FROM a\nRUN echo $((1<<20))\nCOPY f /\n", "FROM a\nRUN <<EOF cat >/x\none\nEOF\nRUN true\n",
        "FROM a\nRUN 3<<-EOF <<'B'\n\tone\n\tEOF\ntwo\nB\nRUN b\n",
        "FROM a\nRUN --mount=type=cache,target=/c <<EOF\nx\nEOF\nCMD x\n", "FROM a\nRUN cat <<<word\nRUN b\n",
        "FROM a\nRUN echo \"<<EOF\"\nRUN echo 'a <<B'\nRUN a\\ <<B\nRUN b\n", "FROM a\nRUN [\"x\", \"<<EOF\"]\nRUN b\n",
        "# escape=`\nFROM a\nRUN a `\n # c\n\n  b\nRUN c\\\nRUN d\n", "# syntax=x\n# escape=`\nFROM a\nRUN a `\n b\n",
        "# nothing\n# escape=`\nFROM a\nRUN a \\\n b\n", "# the escape is not `\nFROM a\nRUN a \\\n b\n",
        "\xef\xbb\xbf# escape=`\r\nFROM a\r\nRUN a `\r\n b\r\n", "FROM a\nRUN a \\\\\nRUN b \\ \n  c\n",
        "FROM a\nCOPY <<a <<\"b\" /d/\n1\na\n2\nb\nadd x /\n", "FROM a\nRUN x && \\\n  # comment\n\n  y\nENV A=<<E\nLABEL b=c\n",
        "FROM a\nRUN <<EOF\r\nx\r\nEOF\r\nRUN b\r\n"}) {
    const auto engines = build::parse_dockerfile(text);
    const auto seen = lines_of_dockerfile(text);
    EXPECT_TRUE(seen.sure) << text;
    EXPECT_EQ(seen.escape, engines.escape) << text;
    ASSERT_EQ(seen.all.size(), engines.instructions.size()) << text;
    for (std::size_t i = 0; i < seen.all.size(); ++i) {
      const auto& one = engines.instructions[i];
      EXPECT_EQ(seen.all[i].verb, lower(one.keyword)) << text;
      EXPECT_EQ(seen.all[i].text, one.original) << text;
      EXPECT_EQ(seen.all[i].line, one.first_line) << text;
      std::size_t lines = 0;
      for (const auto& document : one.heredocs)
        lines += static_cast<std::size_t>(std::count(document.content.begin(), document.content.end(), '\n'));
      EXPECT_EQ(static_cast<std::size_t>(seen.all[i].here_lines), lines) << text;
    }
  }
}

TEST(Ignored, are_patterns_as_dockers_client_cleans_them) {
  EXPECT_THAT(ignore_patterns("# comment\n\n  a/../b \n/c\n! d/\n!\n\xef\xbb\xbf"), ElementsAre("b", "c", "!d", "\xef\xbb\xbf"));
  EXPECT_THAT(ignore_patterns("\xef\xbb\xbf"
                              "a\r\n"),
              ElementsAre("a"));
}

TEST(References, are_told_in_full) {
  const std::pair<const char*, const char*> rows[] = {{"busybox", "docker.io/library/busybox:latest"},
                                                      {"a/b:1", "docker.io/a/b:1"},
                                                      {"localhost/x", "localhost/x:latest"},
                                                      {"h:5000/x@sha256:1", "h:5000/x@sha256:1"},
                                                      {"index.docker.io/a/b", "docker.io/a/b:latest"}};
  for (const auto& [name, full] : rows) EXPECT_EQ(full_reference(name, true), full);
  EXPECT_EQ(full_reference("x", false), "docker.io/library/x");
}

} // namespace
} // namespace gantry::buildkit
