#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "containers/log_files.hpp"
#include "containers/log_line.hpp"

namespace gantry::containers {

/// Reads a json-file log with its rotated predecessors, compressed ones too, from the oldest line to the newest,
/// and goes on behind the last one whenever something was appended or rotated. Blocks on disk only. Not thread-safe.
class LogReader {
 public:
  /// `tail` lines from the end at most, -1: all. A log that does not exist yet is an empty one.
  LogReader(std::string path, std::int64_t tail);

  /// The next lines, at most about 256 KiB of them; none when there is nothing more now.
  std::vector<LogLine> next();

  /// Goes on with the line of that number, or the oldest that is left, in a log whose lines are counted. Before next().
  void seek_line(std::uint64_t number);
  /// The number of the line that comes next.
  std::uint64_t next_number() const { return next_number_; }
  /// Bytes that wait to be read.
  std::uint64_t backlog() const;

 private:
  void open_all();
  void enter();
  void seek_tail(std::int64_t lines);
  bool advance();
  void fill();
  bool pop_line(std::string& line);

  std::string path_;
  std::deque<LogFile> files_; ///< being read is the front, the newest at the back
  std::string buffer_;
  std::size_t consumed_ = 0;
  std::uint64_t next_number_ = 0;
};

} // namespace gantry::containers
