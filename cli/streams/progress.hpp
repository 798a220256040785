#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "cli/json.hpp"

namespace gantry::cli {

/// Shows the daemon's progress messages: one line per layer that is rewritten on a terminal, with a bar, the rate and the time
/// that is left; one line per message elsewhere.
class Progress {
 public:
  /// `fd` -1: only errors matter.
  explicit Progress(int fd);
  /// Takes a piece of the stream; throws Failure for an error message in it.
  void feed(std::string_view piece);

 private:
  /// A line of the terminal, and since when it counts bytes of what.
  struct Line {
    int row = 0;
    std::string status{};
    double first = 0;
    std::chrono::steady_clock::time_point since{};
  };

  void show(const Json& message);
  void show_line(const std::string& id, const std::string& line);
  std::string rate_text(const std::string& id, const std::string& status, double current, double total);

  int fd_;
  bool terminal_;
  std::string buffer_{};
  std::map<std::string, Line> lines_{};
};

/// "[=====>     ] 12.3MB/45MB": `width` columns between the brackets. Only the number when the total is not known.
std::string progress_bar(double current, double total, std::size_t width);
/// " 8.1MB/s 3s": the rate, and how long the rest takes. Empty before there is something to measure.
std::string rate_and_rest(double done, double seconds, double left);

} // namespace gantry::cli
