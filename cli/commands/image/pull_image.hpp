#pragma once

#include <string>

#include "cli/client/client.hpp"

namespace gantry::cli {

struct PullOptions {
  std::string platform;
  bool quiet = false;
  bool all_tags = false;
  int progress_fd = 1; ///< where the progress goes
};

/// Asks the daemon to pull an image, with the credentials that the user has for its registry, and shows the progress. Throws
/// Failure with the daemon's reason when it cannot.
void pull_image(Client& client, const std::string& image, const PullOptions& options);

} // namespace gantry::cli
