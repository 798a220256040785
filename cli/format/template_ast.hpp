#pragma once

#include <memory>
#include <string>
#include <vector>

#include "cli/json.hpp"

namespace gantry::cli::ast {

struct Pipeline;

/// One word of a command.
struct Operand {
  enum class Kind { dot, field, variable, literal, function, pipeline };
  Kind kind = Kind::dot;
  std::string name{};                ///< of the variable or function
  std::vector<std::string> fields{}; ///< what follows: ".A.B"
  Json literal{};
  std::shared_ptr<Pipeline> inner{};
  std::string source{}; ///< as written, for messages
  std::size_t line = 1, column = 0;
};

using Command = std::vector<Operand>;

struct Pipeline {
  std::vector<std::string> variables{};
  bool declares = false;
  std::vector<Command> commands{};
};

struct Node {
  enum class Kind { text, action, condition, loop, with };
  Kind kind = Kind::text;
  std::string text{};
  Pipeline pipeline{};
  std::vector<Node> body{}, otherwise{};
};

/// Throws Failure "template: :LINE: …".
std::vector<Node> parse(const std::string& text);

} // namespace gantry::cli::ast
