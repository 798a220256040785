#pragma once

#include <string>

#include "cli/client/client.hpp"
#include "cli/commands/container/create_options.hpp"

namespace gantry::cli {

/// Creates the container, pulling the image first when it is missing (or as --pull says), writes --cidfile, prints the daemon's
/// warnings, and returns the ID.
std::string create_container(Client& client, const CreateOptions& options, const Json& body);

} // namespace gantry::cli
