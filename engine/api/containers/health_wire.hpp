#pragma once

#include "base/json.hpp"
#include "containers/model.hpp"

namespace gantry::api {

/// Docker's State.Health.
Json health_json(const gantry::containers::Health& health);

} // namespace gantry::api
