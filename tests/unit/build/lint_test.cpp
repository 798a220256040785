#include "build/lint/lint.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "base/error.hpp"

namespace gantry::build {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

/// "Rule:line: detail"
std::vector<std::string> findings(const std::string& text, const std::string& ignore = "", const Args& args = {}) {
  const Dockerfile file = parse_dockerfile(text);
  const auto env_of_image = [](const std::string& image) -> std::optional<std::vector<std::string>> {
    if (image == "unknown") return {};
    return std::vector<std::string>{"PATH=/bin", "FROM_BASE=1"};
  };
  std::vector<std::string> all;
  for (const auto& w : lint({text, file, ignore, args, env_of_image}).warnings)
    all.push_back(w.rule + ":" + std::to_string(w.first_line) + ": " + w.detail);
  return all;
}

struct LintRow {
  const char* rule;
  const char* bad;
  int line;
  const char* detail;
  const char* good;
  const char* ignore = "";
};

const std::vector<LintRow>& rows() {
  static const std::vector<LintRow> all = {
      {"ConsistentInstructionCasing", "FROM a\nRUN x\nrun y\n", 3,
       "Command 'run' should match the case of the command majority (uppercase)", "from a\nrun x\nrun y\n"},
      {"CopyIgnoredFile", "FROM a\nCOPY docs/x /\n", 2, "Attempting to Copy file \"docs/x\" that is excluded by .dockerignore",
       "FROM a\nCOPY src/x docs/keep /d/\n", "docs\n!docs/keep\n"},
      {"DuplicateStageName", "FROM a AS x\nFROM b AS x\n", 2, "Duplicate stage name \"x\", stage names should be unique",
       "FROM a AS x\nFROM b AS y\n"},
      {"ExposeInvalidFormat", "FROM a\nEXPOSE 80 127.0.0.1:80:80\n", 2,
       "EXPOSE instruction should not define an IP address or host-port mapping, found '127.0.0.1:80:80'",
       "FROM a\nEXPOSE 80 5-7\n"},
      {"ExposeProtoCasing", "FROM a\nEXPOSE 80/TCP\n", 2, "Defined protocol '80/TCP' in EXPOSE instruction should be lowercase",
       "FROM a\nEXPOSE 80/tcp 53/udp\n"},
      {"FromAsCasing", "FROM a as x\n", 1, "'as' and 'FROM' keywords' casing do not match", "FROM a AS x\n"},
      {"FromPlatformFlagConstDisallowed", "FROM --platform=linux/amd64 a\n", 1,
       "FROM --platform flag should not use constant value \"linux/amd64\"", "FROM --platform=$BUILDPLATFORM a\n"},
      {"InvalidDefaultArgInFrom", "ARG TAG\nFROM busybox:${TAG}\n", 2,
       "Default value for ARG busybox:${TAG} results in empty or invalid base image name", "ARG TAG=1\nFROM busybox:${TAG}\n"},
      {"InvalidDefinitionDescription", "# check=experimental=all\nARG V=1\n# what it is\nFROM a AS web\n", 4,
       "Comment for build stage should follow the format: `# web <description>`",
       "# check=experimental=all\nARG V=1\n# web serves\nFROM a AS web\n"},
      {"JSONArgsRecommended", "FROM a\nCMD echo\n", 2,
       "JSON arguments recommended for CMD to prevent unintended behavior related to OS signals",
       "FROM a AS x\nCMD [\"echo\"]\nFROM b AS y\nSHELL [\"/bin/ash\", \"-c\"]\nFROM y\nENTRYPOINT echo\n"},
      {"LegacyKeyValueFormat", "FROM a\nENV A b\n", 2,
       "\"ENV key=value\" should be used instead of legacy \"ENV key value\" format", "FROM a\nENV A=b C=\"d e\"\nLABEL x=y\n"},
      {"MaintainerDeprecated", "FROM a\nMAINTAINER me\n", 2, "Maintainer instruction is deprecated in favor of using label",
       "FROM a\nLABEL maintainer=me\n"},
      {"MultipleInstructionsDisallowed", "FROM a\nCMD [\"x\"]\nRUN y\nCMD [\"z\"]\n", 2,
       "Multiple CMD instructions should not be used in the same stage because only the last one will be used",
       "FROM a AS x\nCMD [\"x\"]\nFROM a\nCMD [\"z\"]\n"},
      {"NoEmptyContinuation", "FROM a\nRUN x \\\n\n  y\n", 3, "Empty continuation line", "FROM a\nRUN x \\\n  # why\n  y\n"},
      {"RedundantTargetPlatform", "FROM --platform=$TARGETPLATFORM a\n", 1,
       "Setting platform to predefined $TARGETPLATFORM in FROM is redundant as this is the default behavior", "FROM a\n"},
      {"ReservedStageName", "FROM a AS scratch\n", 1, "Stage name should not use the same name as reserved stage \"scratch\"",
       "FROM a AS scratchpad\n"},
      {"SecretsUsedInArgOrEnv", "FROM a\nARG API_KEY\nENV X=1\n", 2,
       "Do not use ARG or ENV instructions for sensitive data (ARG \"API_KEY\")", "FROM a\nARG KEYBOARD\nENV PUBLIC_KEY=1\n"},
      {"StageNameCasing", "FROM a AS Web\n", 1, "Stage name 'Web' should be lowercase", "FROM a AS web\n"},
      {"UndefinedArgInFrom", "ARG TARGE=x\nFROM a:${TARGET}\n", 2, "FROM argument 'TARGET' is not declared (did you mean TARGE?)",
       "ARG T=x\nFROM --platform=$BUILDPLATFORM a:${T}\n"},
      {"UndefinedVar", "FROM a\nARG VERSION=1\nENV X=$VERSON\n", 3,
       "Usage of undefined variable '$VERSON' (did you mean $VERSION?)",
       "FROM a AS x\nENV A=1\nFROM x\nARG B\nENV C=$A$B${D:-e}$FROM_BASE F='$G' H=\\$I PATH=$PATH:/x\nCOPY $C /x\n"},
      {"WorkdirRelativePath", "FROM a\nWORKDIR x\n", 2,
       "Relative workdir \"x\" can have unexpected results if the base image changes",
       "FROM a AS b\nWORKDIR /a\nWORKDIR x\nFROM b\nWORKDIR y\n"},
  };
  return all;
}

TEST(Lint, every_rule_finds_what_it_is_for_and_nothing_else) {
  std::set<std::string> tested;
  for (const LintRow& row : rows()) {
    tested.insert(row.rule);
    EXPECT_THAT(findings(row.bad, row.ignore),
                ElementsAre(std::string(row.rule) + ":" + std::to_string(row.line) + ": " + row.detail))
        << row.bad;
    EXPECT_THAT(findings(row.good, row.ignore), IsEmpty()) << row.good;
  }
  for (const auto& rule : lint_rules()) EXPECT_TRUE(tested.contains(rule)) << rule;
}

TEST(Lint, the_directive_skips_rules_and_turns_warnings_into_errors) {
  const std::string bad = "FROM a AS Web\nMAINTAINER me\n";
  EXPECT_THAT(findings("# check=skip=all\n" + bad), IsEmpty());
  EXPECT_THAT(findings("# check=skip=StageNameCasing, maintainerdeprecated\n" + bad), IsEmpty());
  EXPECT_EQ(findings("# check=skip=StageNameCasing\n" + bad).size(), 1U);
  EXPECT_THAT(findings(bad, "", {{"BUILDKIT_DOCKERFILE_CHECK", "skip=all"}}), IsEmpty());
  const auto is_error = [](const std::string& text) {
    const auto none = [](const std::string&) -> std::optional<std::vector<std::string>> { return {}; };
    const Dockerfile file = parse_dockerfile(text);
    return lint({text, file, "", {}, none}).is_error;
  };
  EXPECT_TRUE(is_error("# check=skip=MaintainerDeprecated;error=true\n" + bad));
  EXPECT_FALSE(is_error("# check=skip=all;error=true\n" + bad));
  EXPECT_FALSE(is_error(bad));
  for (const char* directive : {"# check=foo\n", "# check=foo=1\n", "# check=error=perhaps\n"})
    EXPECT_THROW(findings(directive + bad), Error) << directive;
}

TEST(Lint, nothing_is_said_of_variables_on_an_image_that_is_not_here) {
  EXPECT_THAT(findings("FROM unknown\nENV X=$NOPE\n"), IsEmpty());
  EXPECT_EQ(findings("FROM scratch\nENV X=$NOPE\n").size(), 1U);
  EXPECT_THAT(findings("FROM a\nRUN echo $NOPE\n"), IsEmpty()); // the shell's business
}

TEST(Lint, warnings_point_to_dockers_pages) {
  EXPECT_EQ((LintWarning{"JSONArgsRecommended", "", 1, 1}).url(),
            "https://docs.docker.com/go/dockerfile/rule/json-args-recommended/");
  EXPECT_EQ((LintWarning{"InvalidDefaultArgInFrom", "", 1, 1}).url(),
            "https://docs.docker.com/go/dockerfile/rule/invalid-default-arg-in-from/");
}

} // namespace
} // namespace gantry::build
