#pragma once

#include <string>

#include "cli/client/client.hpp"

namespace gantry::cli {

/// Pulls, with the progress on standard error. Throws DaemonError, or Failure for an error in the stream.
void pull_image(Client& client, const std::string& image, const std::string& platform, bool quiet);

} // namespace gantry::cli
