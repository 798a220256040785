#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <gantry/sdk/log.hpp>

#include "log-gelf/options.hpp"

namespace gantry::log_gelf {

/// The payload of one line, GELF 1.1. Bytes that are not UTF-8 become U+FFFD.
std::string message(const LogSource& source, const std::string& host, const LogRecord& record);

std::string compressed(const std::string& text, const Options& options);

/// Splits what is larger than a datagram of 1420 bytes; `id` tells messages apart. Empty when it needs more than 128.
std::vector<std::string> datagrams(const std::string& payload, std::uint64_t id);

} // namespace gantry::log_gelf
