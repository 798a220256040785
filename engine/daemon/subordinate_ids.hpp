#pragma once

#include <string>

#include "containers/id_pool.hpp"

namespace gantry::daemon {

/// The maps that `userns-remap` asks for: "default", USER, UID, USER:GROUP or UID:GID, with the ranges of subuid(5) and
/// subgid(5). invalid when the user, the group or its ranges do not exist.
containers::IdMaps remapped_ids(const std::string& setting, const std::string& subuid = "/etc/subuid",
                                const std::string& subgid = "/etc/subgid");

/// What `--userns=auto` takes its ranges from: those of the user "gantry", or else "containers", or the default.
containers::IdSpace userns_auto_space(const std::string& subuid = "/etc/subuid", const std::string& subgid = "/etc/subgid");

/// Where a remapped daemon keeps everything, as in Docker: images and containers of different maps never meet.
std::string remapped_data_root(const std::string& data_root, const containers::IdMaps&);

} // namespace gantry::daemon
