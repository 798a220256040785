#pragma once

#include <string>

#include "containers/container_service.hpp"

namespace gantry::api {

/// What X-Docker-Container-Path-Stat carries: base64 of JSON whose mode has the bits of Go's os.FileMode.
std::string path_stat_header(const gantry::containers::PathStat& stat);

} // namespace gantry::api
