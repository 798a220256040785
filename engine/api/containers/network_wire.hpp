#pragma once

#include "api/version.hpp"
#include "base/json.hpp"
#include "containers/model.hpp"

namespace gantry::api {

/// `NetworkSettings.Networks` of list and inspect.
Json container_networks(const gantry::containers::Container& container, ApiVersion version);
/// `Ports` of list: one entry per host address, and one per port that is only exposed.
Json container_ports(const gantry::containers::Container& container);
/// `NetworkSettings` of inspect, with the fields of every version.
Json network_settings(const gantry::containers::Container& container, ApiVersion version);

} // namespace gantry::api
