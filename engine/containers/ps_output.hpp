#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "containers/container_service.hpp"

namespace gantry::containers {

/// Picks the processes with these pids out of what ps printed. internal when there is no PID column.
TopResult parse_ps(const std::string& output, const std::vector<std::int32_t>& pids);

/// Runs ps(1) of the host with space-separated arguments; its first line of complaint is the error.
std::string run_ps(const std::string& arguments);

} // namespace gantry::containers
