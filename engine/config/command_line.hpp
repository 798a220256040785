#pragma once

#include <string>
#include <utility>
#include <vector>

#include "config/option.hpp"

namespace gantry::config {

enum class Action { run, validate, show_help, show_version };

/// gantryd's arguments, not yet applied.
struct CommandLine {
  Action action = Action::run;
  std::string config_file; ///< empty: the default places
  std::vector<std::pair<const Option*, Values>> given;
  std::string help;
};

/// `args` without the program's name. Throws invalid in dockerd's words ("unknown flag: --frob").
CommandLine parse_command_line(std::vector<std::string> args);

} // namespace gantry::config
