#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/json.hpp"
#include "networks/network_service.hpp"

namespace gantry::api {

/// A network as list and inspect show it. `members`: null in lists of newer API versions, which do not have them.
Json network_json(const gantry::networks::Network&, const std::vector<gantry::networks::Member>* members);

/// What POST /networks/create asks for; strict about types.
gantry::networks::CreateNetwork network_request(const Json& body);

/// The policy in the member "Gantry" of a request, checked; nothing when there is none.
std::optional<std::string> egress_of(const Json& body);

} // namespace gantry::api
