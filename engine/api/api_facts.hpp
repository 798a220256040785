#pragma once

#include "api/version.hpp"
#include "system/system_service.hpp"

namespace gantry::api {

/// How this API presents itself in /version and /info.
inline gantry::system::ApiFacts api_facts() {
  return {std::string(docker_version), to_string(newest_version), to_string(oldest_version)};
}

} // namespace gantry::api
