#pragma once

#include <vector>

#include "containers/parts.hpp"

namespace gantry::containers {

/// Starts what restart policies want when the daemon starts: all at the same time, but a container that joins another one's
/// namespaces after that one.
void start_at_boot(const PartsPtr& parts, const std::vector<EntryPtr>& entries);

} // namespace gantry::containers
