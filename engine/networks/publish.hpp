#pragma once

#include <string>
#include <vector>

#include <gantry/sdk/network.hpp>

namespace gantry::networks {

/// What a driver publishes of `ports`. A "::" behind the same port of "0.0.0.0" is what a driver may leave out; one that refuses
/// such a port (invalid), as those of the time before it was asked for, is asked again without. internal where it leaves out
/// anything else; what the driver throws otherwise.
std::vector<Port> publish_with(NetworkDriver&, Call&, const std::string& network_id, const std::string& endpoint_id,
                               const std::vector<Port>& ports);

} // namespace gantry::networks
