#pragma once

#include <string>

#include <gantry/sdk/log.hpp>

#include "log-common/endpoint.hpp"

namespace gantry::log_syslog {

enum class Format { unix_style, rfc3164, rfc5424, rfc5424micro };

struct Options {
  log_common::Endpoint endpoint; ///< no protocol: the machine's own syslog socket
  bool tls = false;
  int facility = 3; ///< daemon
  Format format = Format::unix_style;
  std::string ca, certificate, key;
  bool skip_verify = false;
};

/// invalid with Docker's texts.
Options read_options(const LogSettings& settings);

} // namespace gantry::log_syslog
