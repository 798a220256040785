#pragma once

#include <string>

namespace gantry::check {

struct Options {
  std::string plugin;      ///< absolute path of the .so
  std::string libexec_dir; ///< of the helpers that the plugin brings
  std::string only;        ///< run this one case here, in this process; empty: all, each in a child
  int seconds = 60;        ///< per case
};

/// Exits with 2 and a sentence when the arguments are wrong.
Options parse(int argc, char** argv);

} // namespace gantry::check
