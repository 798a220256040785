#pragma once

#include <cstdint>

#include <gantry/sdk/log.hpp>

#include "log-common/endpoint.hpp"

namespace gantry::log_fluentd {

struct Options {
  log_common::Endpoint endpoint;
  bool request_ack = false;
  bool nanoseconds = false;             ///< sub-second-precision: event times instead of whole seconds
  std::uint64_t buffer_limit = 1 << 20; ///< bytes of one chunk
  std::int64_t write_timeout_ms = 10'000;
};

/// invalid with Docker's texts.
Options read_options(const LogSettings& settings);

} // namespace gantry::log_fluentd
