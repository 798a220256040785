#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace gantry::cli {

class Client;
struct Invocation;

/// One command: `gantry OBJECT VERB`, and where `top` is not empty also `gantry TOP`.
struct Command {
  std::string_view object;  ///< "container"; empty: top level only
  std::string_view verb;    ///< "ls"
  std::string_view aliases; ///< other names of the verb below its object, separated by spaces: "list ps"
  std::string_view top;     ///< "ps"
  std::string_view usage;   ///< what follows the name in the usage line
  std::string_view summary;
  int min_words, max_words; ///< words that are not flags; -1: no upper limit
  int (*run)(Invocation&);  ///< returns the exit code
};

/// One run of a command.
struct Invocation {
  const Command& command;
  std::string path;              ///< as the user said it: "gantry container ls"
  std::vector<std::string> args; ///< what follows
  Client& client;
};

/// Every command, in the order of help.
std::span<const Command> commands();

/// "Usage:  gantry ps [OPTIONS]\n"
std::string usage_line(const Invocation& invocation);
/// "gantry container ls, gantry container list, gantry ps"; empty when the command has one name only.
std::string alias_line(const Command& command);

} // namespace gantry::cli
