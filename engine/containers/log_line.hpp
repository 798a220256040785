#pragma once

#include <cstdint>
#include <string>

namespace gantry::containers {

/// One line (or 16 KiB part of a long one) of a container's log.
struct LogLine {
  enum class Stream : std::uint8_t { out = 1, err = 2 }; ///< the numbers of Docker's stdcopy frames
  Stream stream = Stream::out;
  std::int64_t time_ns = 0;
  std::string text;  ///< with its newline, when it has one
  std::string attrs; ///< "k=v,k=v" of --details, empty when none
};

} // namespace gantry::containers
