#pragma once

#include "config/command_line.hpp"
#include "config/config.hpp"

namespace gantry::config {

/// Defaults, then the file, then flags. Without --config-file the first of `places` that exists is read.
/// Throws invalid: an unknown key, a bad value, or a key that is given both as a flag and in the file; the message names
/// file, key, value and what is allowed.
Config load(const CommandLine& line,
            const std::vector<std::string>& places = {"/etc/gantry/gantryd.yaml", "/etc/gantry/daemon.json"});

/// "gantry" for the default data root, else "g-" and a hash of it.
std::string derive_instance(const std::string& data_root);

} // namespace gantry::config
