#pragma once

#include <string>

#include "containers/stats_sample.hpp"

namespace gantry::containers {

struct Parts;

/// What the collector asks of each container: null when there is none. Blocks.
StatsSamplePtr sample_container(Parts&, const std::string& id, const HostCpu&);

} // namespace gantry::containers
