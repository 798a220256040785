#pragma once

#include <string>
#include <vector>

#include "cgroup/resources.hpp"

namespace gantry::runtime_linux {

/// Writes them all. Throws at the first that the kernel refuses for good: not_implemented when there is no such file, in_use when
/// a memory limit is below what is in use, internal otherwise.
void write_values(const std::vector<CgroupValue>& values);

/// What would bring the file of `next` back to what it holds now.
CgroupValue present_value(const CgroupValue& next);

/// Writes what can be written.
void restore_values(const std::vector<CgroupValue>& values);

/// A v2 kernel kills processes until a new memory limit fits: here it is asked to give memory back first, and the limit refused
/// (in_use) when that is not enough. `directory`: of the container.
void make_room(const std::string& directory, const std::vector<CgroupValue>& values);

} // namespace gantry::runtime_linux
