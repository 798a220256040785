#pragma once

#include <string>

#include <gantry/sdk/host.hpp>

#include "discovery.hpp"
#include "message.hpp"

namespace gantry::volume_docker {

/// Sends the body and waits for the answer, until the call is cancelled or its deadline, or `longest_wait` where it has none.
/// Throws `unavailable` when the plugin is not there, hangs up or answers garbage, and `deadline_exceeded` when it hangs.
Answer post(Call&, const Address& address, const std::string& path, const std::string& body);

} // namespace gantry::volume_docker
