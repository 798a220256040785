#pragma once

#include <string>

#include "cli/commands/container/create_options.hpp"

namespace gantry::cli {

/// HostConfig.NetworkMode: the first --network, "default" without one.
std::string network_mode(const Strings& networks);
/// NetworkingConfig.EndpointsConfig: --network, and the flags that belong to the first network. Throws Failure.
Json endpoints(const CreateOptions& options);
/// "host=ip" of --add-host as "host:ip".
Strings with_colon(const Strings& hosts);
/// `path` below the working directory, without "." and "..".
std::string absolute_path(const std::string& path);

} // namespace gantry::cli
