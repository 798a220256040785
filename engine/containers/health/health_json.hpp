#pragma once

#include "containers/model.hpp"

// Health in the state database.
namespace gantry::containers {

/// Docker's words: "starting" "healthy" "unhealthy".
std::string_view to_string(HealthStatus);

/// Null for null.
Json stored_health(const Container&);
HealthPtr health_from_stored(const Json&);

} // namespace gantry::containers
