#pragma once

#include <string>
#include <utility>
#include <vector>

namespace gantry::check {

struct Options {
  std::string plugin;                                           ///< absolute path of the .so
  std::string libexec_dir;                                      ///< of the helpers that the plugin brings
  std::string place;                                            ///< on this file system; empty: on a tmpfs
  std::string only;                                             ///< this one case; empty: all
  std::vector<std::pair<std::string, std::string>> log_options; ///< for a log driver
  std::string log_target;                                       ///< where the suite listens for a log driver
  int seconds = 60;                                             ///< per case
};

/// Exits with 2 and a sentence when the arguments are wrong.
Options parse(int argc, char** argv);

} // namespace gantry::check
