#pragma once

#include "api/http.hpp"
#include "containers/container_service.hpp"

namespace gantry::api {

/// The query of stop and restart: `t` in seconds, `signal` from API 1.42 on.
inline gantry::containers::StopOptions read_stop_options(const Request& request) {
  gantry::containers::StopOptions options;
  options.timeout_s = request.query.integer("t");
  if (request.version >= ApiVersion{1, 42}) options.signal = request.query.get("signal");
  return options;
}

} // namespace gantry::api
