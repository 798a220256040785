#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <vector>

#include <gantry/sdk/fd.hpp>

#include "containers/log_line.hpp"

namespace gantry::containers {

/// One json-file line; absent when it is damaged (a crash, a full disk).
std::optional<LogLine> parse_log_line(std::string_view text);

/// Reads a json-file log with its rotated predecessors (path.1 is the youngest of them) from the oldest line to the newest,
/// and goes on behind the last one whenever something was appended or rotated. Blocks on disk only. Not thread-safe.
class LogReader {
 public:
  /// `tail` lines from the end at most, -1: all. A log that does not exist yet is an empty one.
  LogReader(std::string path, std::int64_t tail);

  /// The next lines, at most about 256 KiB of them; none when there is nothing more now.
  std::vector<LogLine> next();

 private:
  struct File {
    UniqueFd fd;
    std::uint64_t device = 0, inode = 0;
    std::int64_t offset = 0;
  };
  static std::optional<File> open(const std::string& path);
  std::string rotated(unsigned number) const;
  void open_all();
  void seek_tail(std::int64_t lines);
  bool advance();
  void fill();
  bool pop_line(std::string& line);

  std::string path_;
  std::deque<File> files_; ///< being read is the front, the newest at the back
  std::string buffer_;
  std::size_t consumed_ = 0;
};

} // namespace gantry::containers
