#pragma once

#include <cstdint>
#include <string>

#include <gantry/sdk/fd.hpp>

namespace gantry::containers {

/// A TCP socket in the network namespace of a process (`pidfd`), not blocking, on its way to `address` (a literal). A socket
/// belongs to the namespace it was made in whoever uses it: only a thread that lives for this call goes there. Blocks shortly.
/// unavailable with errno when the connection is refused at once or the process has gone.
UniqueFd connect_in_netns(int pidfd, const std::string& address, std::uint16_t port);

} // namespace gantry::containers
