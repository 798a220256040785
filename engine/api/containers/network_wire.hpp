#pragma once

#include "api/version.hpp"
#include "base/json.hpp"
#include "containers/model.hpp"

namespace gantry::api {

enum class Endpoints { whole, listed };

/// `NetworkSettings.Networks` of inspect; of list without what the user asked for, as in Docker.
Json container_networks(const gantry::containers::Container& container, ApiVersion version,
                        Endpoints endpoints = Endpoints::whole);
/// `Ports` of list: one entry per host address, and one per port that is only exposed.
Json container_ports(const gantry::containers::Container& container);
/// `NetworkSettings` of inspect, with the fields of every version.
Json network_settings(const gantry::containers::Container& container, ApiVersion version);

} // namespace gantry::api
