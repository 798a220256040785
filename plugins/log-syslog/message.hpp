#pragma once

#include <cstdint>
#include <string>

#include <gantry/sdk/log.hpp>

#include "log-syslog/options.hpp"

namespace gantry::log_syslog {

struct Sender {
  std::string host; ///< of this machine
  std::string tag;
  int pid = 0; ///< of the daemon
};

/// One message with its newline. Times are those of the record; in local time where the format has no zone.
std::string message(const Options& options, const Sender& sender, const LogRecord& record);

} // namespace gantry::log_syslog
