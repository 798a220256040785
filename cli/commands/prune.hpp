#pragma once

#include <string>

#include "cli/client/client.hpp"

namespace gantry::cli {

/// The prune calls of the API: they remove, list below a heading what went (nothing: no heading), and return the bytes freed.
double remove_stopped_containers(Client&, const std::string& filters);
double remove_unused_networks(Client&, const std::string& filters);
double remove_unused_volumes(Client&, const std::string& filters);
/// `filters` say whether dangling ones only.
double remove_unused_images(Client&, const std::string& filters);
double remove_build_cache(Client&, Query query);

/// "Total reclaimed space: 1.2MB"
void print_reclaimed(double bytes);

} // namespace gantry::cli
