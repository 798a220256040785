#pragma once

#include "base/json.hpp"
#include "containers/container_service.hpp"

namespace gantry::containers {

/// What state.db keeps of an exec, so that it can be inspected and resized after the daemon was restarted.
Json to_json(const Exec&);
Exec exec_from_json(const Json&);

} // namespace gantry::containers
