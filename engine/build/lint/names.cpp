#include <algorithm>
#include <set>

#include "build/dockerfile/words.hpp"
#include "build/lint/findings.hpp"

namespace gantry::build {
namespace {

bool is_lower(const std::string& text) { return text == lower(text); }
bool is_upper(const std::string& text) { return text == upper(text); }

void casing(const Linted& l, Findings& found) {
  std::size_t lower_case = 0, upper_case = 0;
  for (const auto& i : l.input.file.instructions) {
    const std::string keyword = written_keyword(i);
    lower_case += is_lower(keyword) ? 1 : 0;
    upper_case += is_upper(keyword) ? 1 : 0;
  }
  const bool mostly_lower = lower_case > upper_case;
  for (const auto& i : l.input.file.instructions) {
    const std::string keyword = written_keyword(i);
    if (mostly_lower ? is_lower(keyword) : is_upper(keyword)) continue;
    found.add("ConsistentInstructionCasing", i,
              "Command '" + keyword + "' should match the case of the command majority (" +
                  (mostly_lower ? "lowercase" : "uppercase") + ")");
  }
}

/// "as" in "FROM x as y", as far as FROM itself is of one case.
void casing_of_as(const Instruction& from, Findings& found) {
  const std::string keyword = written_keyword(from), as = from.words[1];
  if (is_lower(keyword) == is_lower(as) && is_upper(keyword) == is_upper(as)) return;
  found.add("FromAsCasing", from, "'" + as + "' and '" + keyword + "' keywords' casing do not match");
}

} // namespace

void lint_names(const Linted& l, Findings& found) {
  casing(l, found);
  std::set<std::string> seen;
  for (const auto& stage : l.stages.stages) {
    if (stage.name.empty()) continue;
    const std::string written = stage.from.words[2];
    casing_of_as(stage.from, found);
    if (written != stage.name) found.add("StageNameCasing", stage.from, "Stage name '" + written + "' should be lowercase");
    if (stage.name == "scratch" || stage.name == "context")
      found.add("ReservedStageName", stage.from,
                "Stage name should not use the same name as reserved stage \"" + stage.name + "\"");
    if (!seen.insert(stage.name).second)
      found.add("DuplicateStageName", stage.from, "Duplicate stage name \"" + written + "\", stage names should be unique");
  }
}

} // namespace gantry::build
