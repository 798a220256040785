#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "build/dockerfile/dockerfile.hpp"
#include "build/variables.hpp"

namespace gantry::build {

/// Something about a Dockerfile that works, but is likely not what was meant. The rules and their texts are BuildKit's.
struct LintWarning {
  std::string rule, detail;
  int first_line = 0, last_line = 0;

  std::string description() const;
  /// Docker's page about the rule.
  std::string url() const;
};

struct LintInput {
  const std::string& text; ///< the Dockerfile
  const Dockerfile& file;
  const std::string& ignore; ///< text of .dockerignore
  const Args& args;          ///< passed by the client
  /// The environment of an image ("NAME=value"); absent: not known.
  std::function<std::optional<std::vector<std::string>>(const std::string& image)> env_of_image;
};

struct LintReport {
  std::vector<LintWarning> warnings; ///< by line
  bool is_error = false;             ///< "# check=error=true", and there are warnings
};

/// Looks for everything that "# check=skip=…" does not leave out; the argument BUILDKIT_DOCKERFILE_CHECK wins over the directive.
/// invalid when that is broken.
LintReport lint(const LintInput&);

/// "lint violation found for rules: A, B"
std::string lint_failure(const LintReport&);

/// Names of all rules.
std::vector<std::string> lint_rules();

} // namespace gantry::build
