#pragma once

#include <string>
#include <vector>

namespace gantry::cli::ast {

struct Token {
  enum class Kind { text, left, right, word, field, variable, string, number, symbol, end };
  Kind kind;
  std::string text; ///< strings are unquoted
  std::size_t line, column;
  bool spaced = false; ///< white space before it
};

/// Throws Failure "template: :LINE: …".
std::vector<Token> tokenize(const std::string& text);

} // namespace gantry::cli::ast
