#pragma once

#include <string>

#include "containers/log_line.hpp"

namespace gantry::api {

struct LogFormat {
  bool framed = true;      ///< stdcopy frames (no terminal)
  bool timestamps = false; ///< fixed-width time in front
  bool details = false;    ///< the line's attributes in front
};

/// Appends one line as `logs` sends it.
void append_line(std::string& out, const gantry::containers::LogLine& line, const LogFormat& format);

} // namespace gantry::api
