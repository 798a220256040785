#pragma once

#include <gantry/sdk/log.hpp>

#include "log-common/endpoint.hpp"

namespace gantry::log_gelf {

enum class Compression { none, gzip, zlib };

struct Options {
  log_common::Endpoint endpoint;
  Compression compression = Compression::gzip; ///< of datagrams
  int level = 1;
};

/// invalid with Docker's texts.
Options read_options(const LogSettings& settings);

} // namespace gantry::log_gelf
