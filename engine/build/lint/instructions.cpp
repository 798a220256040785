#include <map>
#include <set>

#include "base/error.hpp"
#include "build/context/ignore.hpp"
#include "build/dockerfile/words.hpp"
#include "build/lint/findings.hpp"
#include "files/open.hpp"

namespace gantry::build {
namespace {

void command(const Instruction& i, bool has_shell, Findings& found) {
  // Who sets a shell wants it.
  if (i.json || i.rest.empty() || has_shell) return;
  found.add("JSONArgsRecommended", i,
            "JSON arguments recommended for " + i.keyword + " to prevent unintended behavior related to OS signals");
}

/// "ENV name value"
void legacy_form(const Instruction& i, char escape, Findings& found) {
  const auto words = quoted_words(i.rest, escape);
  if (words.empty() || words.front().find('=') != std::string::npos) return;
  found.add("LegacyKeyValueFormat", i,
            "\"" + i.keyword + " key=value\" should be used instead of legacy \"" + i.keyword + " key value\" format");
}

void expose(const Instruction& i, Findings& found) {
  for (const auto& word : i.words) {
    if (word.find(':') != std::string::npos && word.find('$') == std::string::npos)
      found.add("ExposeInvalidFormat", i,
                "EXPOSE instruction should not define an IP address or host-port mapping, found '" + word + "'");
    const std::size_t slash = word.rfind('/');
    if (slash == std::string::npos) continue;
    const std::string protocol = word.substr(slash + 1);
    if (protocol.find('$') == std::string::npos && protocol != lower(protocol))
      found.add("ExposeProtoCasing", i, "Defined protocol '" + word + "' in EXPOSE instruction should be lowercase");
  }
}

void copy(const Instruction& i, const IgnoreRules& ignore, Findings& found) {
  if (has_flag(i, "from") || !i.heredocs.empty()) return;
  for (std::size_t n = 0; n + 1 < i.words.size(); ++n) {
    const std::string& source = i.words[n];
    if (source.find_first_of("$*?[") != std::string::npos || source.find("://") != std::string::npos) continue;
    const std::string path = files::clean_path("/" + source);
    if (path.size() <= 1 || !ignore.ignores(path.substr(1))) continue;
    found.add("CopyIgnoredFile", i,
              "Attempting to " + std::string(i.keyword == "ADD" ? "Add" : "Copy") + " file \"" + source +
                  "\" that is excluded by .dockerignore");
  }
}

/// The one before is of no effect.
void only_the_last(const Instruction& i, std::map<std::string, const Instruction*>& last, Findings& found) {
  const Instruction*& before = last[i.keyword];
  if (before != nullptr)
    found.add(
        "MultipleInstructionsDisallowed", *before,
        "Multiple " + i.keyword + " instructions should not be used in the same stage because only the last one will be used");
  before = &i;
}

/// What a stage leaves to those that are built on it.
struct Left {
  bool has_shell = false, has_workdir = false;
};

Left stage_rules(const Linted& l, const Stage& stage, Left state, const IgnoreRules& ignore, Findings& found) {
  std::map<std::string, const Instruction*> last;
  for (const auto& i : stage.instructions) {
    const std::string& keyword = i.keyword;
    if (keyword == "SHELL") state.has_shell = true;
    if (keyword == "CMD" || keyword == "ENTRYPOINT") command(i, state.has_shell, found);
    if (keyword == "CMD" || keyword == "ENTRYPOINT" || keyword == "HEALTHCHECK") only_the_last(i, last, found);
    if (keyword == "MAINTAINER")
      found.add("MaintainerDeprecated", i, "Maintainer instruction is deprecated in favor of using label");
    if (keyword == "ENV" || keyword == "LABEL") legacy_form(i, l.input.file.escape, found);
    if (keyword == "EXPOSE") expose(i, found);
    if (keyword == "COPY" || keyword == "ADD") copy(i, ignore, found);
    if (keyword != "WORKDIR") continue;
    const std::string& path = i.words.front();
    if (path.starts_with('/') || path.starts_with('$')) {
      state.has_workdir = true;
    } else if (!state.has_workdir) {
      found.add("WorkdirRelativePath", i,
                "Relative workdir \"" + path + "\" can have unexpected results if the base image changes");
    }
  }
  return state;
}

IgnoreRules rules_of(const std::string& text) {
  try {
    return IgnoreRules(text);
  } catch (const Error&) { // the build says so itself
    return {};
  }
}

} // namespace

void lint_instructions(const Linted& l, Findings& found) {
  for (const int line : l.input.file.empty_continuations) found.add("NoEmptyContinuation", line, line, "Empty continuation line");
  const IgnoreRules ignore = rules_of(l.input.ignore);
  std::vector<Left> left;
  for (std::size_t n = 0; n < l.stages.stages.size(); ++n) {
    const Stage& stage = l.stages.stages[n];
    const int base = l.stages.find(stage.base, n, false);
    left.push_back(stage_rules(l, stage, base < 0 ? Left{} : left[static_cast<std::size_t>(base)], ignore, found));
  }
}

} // namespace gantry::build
