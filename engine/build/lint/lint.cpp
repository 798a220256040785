#include "build/lint/lint.hpp"

#include <algorithm>
#include <map>
#include <set>

#include "base/error.hpp"
#include "build/dockerfile/words.hpp"
#include "build/lint/findings.hpp"

namespace gantry::build {
namespace {

const std::map<std::string, std::string>& descriptions() {
  static const std::map<std::string, std::string> all = {
      {"ConsistentInstructionCasing", "All commands within the Dockerfile should use the same casing (either upper or lower)"},
      {"CopyIgnoredFile", "Attempting to Copy file that is excluded by .dockerignore"},
      {"DuplicateStageName", "Stage names should be unique"},
      {"ExposeInvalidFormat",
       "IP address and host-port mapping should not be used in EXPOSE instruction. This will become an error in a future "
       "release"},
      {"ExposeProtoCasing", "Protocol in EXPOSE instruction should be lowercase"},
      {"FromAsCasing", "The 'as' keyword should match the case of the 'from' keyword"},
      {"FromPlatformFlagConstDisallowed", "FROM --platform flag should not use a constant value"},
      {"InvalidDefaultArgInFrom", "Default value for global ARG results in an empty or invalid base image name"},
      {"InvalidDefinitionDescription",
       "Comment for build stage or argument should follow the format: `# <arg/stage name> <description>`. If this is not "
       "intended "
       "to be a description comment, add an empty line or comment between the instruction and the comment."},
      {"JSONArgsRecommended",
       "JSON arguments recommended for ENTRYPOINT/CMD to prevent unintended behavior related to OS signals"},
      {"LegacyKeyValueFormat", "Legacy key/value format with whitespace separator should not be used"},
      {"MaintainerDeprecated", "The MAINTAINER instruction is deprecated, use a label instead to define an image author"},
      {"MultipleInstructionsDisallowed", "Multiple instructions of the same type should not be used in the same stage"},
      {"NoEmptyContinuation", "Empty continuation lines will become errors in a future release"},
      {"RedundantTargetPlatform",
       "Setting platform to predefined $TARGETPLATFORM in FROM is redundant as this is the default behavior"},
      {"ReservedStageName", "Reserved words should not be used as stage names"},
      {"SecretsUsedInArgOrEnv", "Sensitive data should not be used in the ARG or ENV commands"},
      {"StageNameCasing", "Stage names should be lowercase"},
      {"UndefinedArgInFrom", "FROM command must use declared ARGs"},
      {"UndefinedVar", "Variables should be defined before their use"},
      {"WorkdirRelativePath",
       "Relative workdir without an absolute workdir declared within the build can have unexpected results if the base image "
       "changes"}};
  return all;
}

/// BuildKit's "experimental" ones, which are off unless asked for.
const std::set<std::string> off_by_default = {"InvalidDefinitionDescription"};

std::vector<std::string> split(std::string_view text, char at) {
  std::vector<std::string> parts;
  while (!text.empty()) {
    const std::size_t end = std::min(text.size(), text.find(at));
    if (const auto part = trimmed(text.substr(0, end)); !part.empty()) parts.emplace_back(part);
    text.remove_prefix(std::min(text.size(), end + 1));
  }
  return parts;
}

/// "skip=A,B;error=true;experimental=all"
struct Directive {
  std::set<std::string> skipped, asked;
  bool error = false;

  explicit Directive(const std::string& text) {
    for (const auto& option : split(text, ';')) {
      const std::size_t equals = option.find('=');
      if (equals == option.npos) throw invalid("invalid check option \"" + option + "\": expected name=value");
      const std::string name = lower(trimmed(option.substr(0, equals)));
      const std::string value(trimmed(option.substr(equals + 1)));
      if (name == "skip") {
        for (auto& rule : split(value, ',')) skipped.insert(lower(rule));
      } else if (name == "experimental") {
        for (auto& rule : split(value, ',')) asked.insert(lower(rule));
      } else if (name == "error") {
        if (value != "true" && value != "false" && value != "1" && value != "0")
          throw invalid("failed to parse check option error=\"" + value + "\": expected true or false");
        error = value == "true" || value == "1";
      } else {
        throw invalid("invalid check option \"" + name + "\"");
      }
    }
  }

  bool wants(const std::string& rule) const {
    if (skipped.contains("all") || skipped.contains(lower(rule))) return false;
    return !off_by_default.contains(rule) || asked.contains("all") || asked.contains(lower(rule));
  }
};

std::string directive_text(const LintInput& input) {
  const auto passed = input.args.find("BUILDKIT_DOCKERFILE_CHECK");
  return passed != input.args.end() && passed->second ? *passed->second : input.file.check;
}

} // namespace

std::string LintWarning::description() const { return descriptions().at(rule); }

std::string LintWarning::url() const {
  std::string name;
  const auto is_upper = [](char c) { return c >= 'A' && c <= 'Z'; };
  for (std::size_t i = 0; i < rule.size(); ++i) {
    const bool begins = is_upper(rule[i]) && i > 0 && (!is_upper(rule[i - 1]) || (i + 1 < rule.size() && !is_upper(rule[i + 1])));
    if (begins) name += '-';
    name += lower(rule.substr(i, 1));
  }
  return "https://docs.docker.com/go/dockerfile/rule/" + name + "/";
}

std::string written_keyword(const Instruction& i) { return i.original.substr(0, i.keyword.size()); }

LintReport lint(const LintInput& input) {
  const Directive directive(directive_text(input));
  const Stages stages = cut_stages(input.file, {});
  const Linted linted{input, stages};
  Findings found;
  lint_names(linted, found);
  lint_instructions(linted, found);
  lint_variables(linted, found);
  lint_comments(linted, found);
  LintReport report{found.take(), false};
  std::erase_if(report.warnings, [&](const LintWarning& warning) { return !directive.wants(warning.rule); });
  std::stable_sort(report.warnings.begin(), report.warnings.end(),
                   [](const auto& a, const auto& b) { return a.first_line < b.first_line; });
  report.is_error = directive.error && !report.warnings.empty();
  return report;
}

std::string lint_failure(const LintReport& report) {
  std::set<std::string> rules;
  for (const auto& warning : report.warnings) rules.insert(warning.rule);
  std::string text;
  for (const auto& rule : rules) text += (text.empty() ? "" : ", ") + rule;
  return "lint violation found for rules: " + text;
}

std::vector<std::string> lint_rules() {
  std::vector<std::string> names;
  for (const auto& [name, description] : descriptions()) names.push_back(name);
  return names;
}

} // namespace gantry::build
