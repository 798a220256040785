#pragma once

#include <string>
#include <vector>

#include <gantry/sdk/log.hpp>

#include "log-fluentd/options.hpp"

namespace gantry::log_fluentd {

/// Records `begin` to `end` as one message of the Forward protocol (forward mode) in msgpack. With a `chunk` the server
/// answers {"ack": chunk} once it has taken it.
std::string message(const LogSource& source, const Options& options, const std::vector<LogRecord>& records, std::size_t begin,
                    std::size_t end, const std::string& chunk);

/// Whether an answer acknowledges the chunk.
bool acknowledges(const std::string& answer, const std::string& chunk);

} // namespace gantry::log_fluentd
