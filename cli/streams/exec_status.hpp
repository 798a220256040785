#pragma once

#include <string>

#include "cli/client/client.hpp"

namespace gantry::cli {

/// The exit code of an exec whose stream has ended. Asks again while the daemon is away, and while it has not yet heard of the
/// exit.
int exec_status(Client& client, const std::string& id);

} // namespace gantry::cli
