#pragma once

#include <string>
#include <vector>

#include "base/json.hpp"
#include "containers/model.hpp"

namespace gantry::containers {

/// OCI mounts of HostConfig.Binds and .Mounts, in order. Checks as Docker does (invalid with its texts, also for two mounts at
/// one path); named volumes are not_implemented. Pure: touches no file.
std::vector<Json> make_mounts(const HostConfig&);

/// Before create is answered: sources of Mounts must exist (unless CreateMountpoint).
void check_mount_sources(const HostConfig&);
/// Before start: makes the missing host directories of Binds (and of Mounts with CreateMountpoint).
void create_bind_sources(const HostConfig&);

} // namespace gantry::containers
