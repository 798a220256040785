#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace gantry::containers {

/// One line (or 16 KiB part of a long one) of a container's log.
struct LogLine {
  enum class Stream : std::uint8_t { out = 1, err = 2 }; ///< the numbers of Docker's stdcopy frames
  Stream stream = Stream::out;
  std::int64_t time_ns = 0;
  std::string text;         ///< with its newline, when it has one
  std::string attrs;        ///< "k=v,k=v" of --details, escaped as in a URL, empty when none
  std::uint64_t number = 0; ///< in the whole log, when the shim counts
};

/// One json-file line; absent when it is damaged (a crash, a full disk). \udc80-\udcff are the bytes 80-ff.
std::optional<LogLine> parse_log_line(std::string_view text);

} // namespace gantry::containers
