#pragma once

#include "api/version.hpp"
#include "base/json.hpp"
#include "events/bus.hpp"

namespace gantry::api {

/// One message of GET /events; with the old fields status, id and from where Docker has them.
Json event_json(const gantry::events::Event& event, ApiVersion version);

} // namespace gantry::api
