#pragma once

#include "base/json.hpp"
#include "containers/container_service.hpp"

namespace gantry::api {

/// The answer of GET /gantry/containers/{id}/explain.
Json explain_json(const gantry::containers::Explained& explained);

} // namespace gantry::api
