#pragma once

#include <optional>

#include "base/json.hpp"
#include "containers/container_service.hpp"
#include "containers/log_delivery.hpp"

namespace gantry::api {

/// The answer of GET /gantry/containers/{id}/explain.
Json explain_json(const gantry::containers::Explained& explained,
                  const std::optional<gantry::containers::DeliveryState>& delivery);

} // namespace gantry::api
