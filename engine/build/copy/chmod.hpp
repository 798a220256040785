#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

namespace gantry::build {

/// --chmod: an octal mode ("0755"), or chmod(1)'s symbolic one ("u=rwX,go=rX"), where no letter in front means everybody and no
/// umask counts. invalid with Docker's text for anything else.
class ModeChange {
 public:
  explicit ModeChange(const std::string& text);
  /// The new permission bits of something that has `mode`.
  mode_t apply(mode_t mode, bool directory) const;

 private:
  struct Clause {
    mode_t who;       ///< bits that it may touch
    char operation;   ///< '=' '+' '-'
    std::string what; ///< letters of "rwxXst", or one of "ugo"
  };
  void read_clause(const std::string& clause);
  static mode_t bits_of(const Clause&, mode_t mode, bool directory);

  std::vector<Clause> clauses_;
  mode_t octal_ = 0;
};

} // namespace gantry::build
