// A look ahead at a Dockerfile: buildkit/solve/dockerfile_needs.hpp.
#include "buildkit/solve/dockerfile_needs.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

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
