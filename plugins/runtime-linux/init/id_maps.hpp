#pragma once

#include <cstdint>

#include "plan/launch_plan.hpp"

namespace gantry::runtime_linux::init {

/// Are the container's ids other ones on the host? Then its file systems are mounted with mapped owners.
bool has_id_maps(const PlanView& plan);

/// The host's id of an id in the container, or the overflow id where the map has none.
std::uint32_t host_uid(const PlanView& plan, std::uint32_t id);
std::uint32_t host_gid(const PlanView& plan, std::uint32_t id);

/// Writes /proc/PID/uid_map and gid_map. Errno, 0 when both are written.
int write_id_maps(const PlanView& plan, int pid);

/// A user namespace with the maps of the one that the container is going to be in: that of the container it joins, or one that
/// serves for its maps only. Exits with a sentence on failure.
int open_id_mapping(const PlanView& plan);

} // namespace gantry::runtime_linux::init
