#pragma once

#include <string>
#include <string_view>
#include <vector>

// The Dockerfile language, without any I/O. Errors are Code::invalid with the classic builder's texts; where the language itself
// is broken they name the line ("dockerfile parse error line 3: …").
namespace gantry::build {

struct Heredoc {
  std::string name;
  std::string content;
  bool expand = true; ///< the name was not quoted
  bool chomp = false; ///< "<<-": tabs at the beginning of lines are gone
};

struct Instruction {
  std::string keyword;            ///< upper case
  std::string original;           ///< the logical line: continuations joined
  std::vector<std::string> flags; ///< "--from=x", as written
  std::string rest;               ///< behind keyword and flags
  /// The arguments: for the JSON form the strings; for ENV, LABEL and ARG "name=value" with quotes as written (old ENV form:
  /// joined to the new one); else words, or the whole rest for instructions with one argument.
  std::vector<std::string> words;
  bool json = false;
  std::vector<Heredoc> heredocs;
  int first_line = 0, last_line = 0;
};

struct Dockerfile {
  char escape = '\\';
  std::string syntax, check; ///< directives
  std::vector<Instruction> instructions;
  std::vector<std::string> warnings;    ///< "Empty continuation line found in:…"
  std::vector<int> empty_continuations; ///< lines, the first of each instruction
};

/// Parses and checks everything that can be checked without running anything.
Dockerfile parse_dockerfile(std::string_view text);

/// One line on its own (an ONBUILD trigger).
Instruction parse_instruction(const std::string& line, char escape);

/// "--name=value" of an instruction; empty when it is not given.
std::string flag_value(const Instruction&, std::string_view name);
bool has_flag(const Instruction&, std::string_view name);

} // namespace gantry::build
