#pragma once

#include <string>
#include <vector>

#include "build/lint/lint.hpp"
#include "build/stages.hpp"

namespace gantry::build {

/// Where rules put what they find.
class Findings {
 public:
  void add(const char* rule, int first_line, int last_line, std::string detail) {
    all_.push_back({rule, std::move(detail), first_line, last_line});
  }
  void add(const char* rule, const Instruction& at, std::string detail) {
    add(rule, at.first_line, at.last_line, std::move(detail));
  }
  std::vector<LintWarning> take() { return std::move(all_); }

 private:
  std::vector<LintWarning> all_;
};

/// A rule's view of the file, cut into stages.
struct Linted {
  const LintInput& input;
  const Stages& stages;
};

/// Casing, names of stages.
void lint_names(const Linted&, Findings&);
/// What single instructions say.
void lint_instructions(const Linted&, Findings&);
/// ARG, ENV and where they are used.
void lint_variables(const Linted&, Findings&);
/// Comments in front of stages and arguments.
void lint_comments(const Linted&, Findings&);

/// The keyword as written.
std::string written_keyword(const Instruction&);

} // namespace gantry::build
