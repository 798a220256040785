#pragma once

#include <map>
#include <string>
#include <string_view>

#include "cli/json.hpp"

namespace gantry::cli {

/// Shows the daemon's progress messages: one line per layer that is rewritten on a terminal, one line per message elsewhere.
class Progress {
 public:
  /// `fd` -1: only errors matter.
  explicit Progress(int fd);
  /// Takes a piece of the stream; throws Failure for an error message in it.
  void feed(std::string_view piece);

 private:
  void show(const Json& message);
  void show_line(const std::string& id, const std::string& line);

  int fd_;
  bool terminal_;
  std::string buffer_{};
  std::map<std::string, int> lines_{};
};

} // namespace gantry::cli
