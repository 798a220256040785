#pragma once

#include <cstdint>
#include <memory>

#include <gantry/sdk/runtime.hpp>

namespace gantry::containers {

/// What the host's CPUs have done since it was booted.
struct HostCpu {
  std::uint64_t total_ns = 0; ///< of all CPUs, idle time included
  std::uint32_t cpus = 0;     ///< online
};

HostCpu read_host_cpu();

/// Counters of a container at one moment, with what the host's counters said then.
struct StatsSample {
  std::int64_t read_ns = 0; ///< 0: no sample, the container does not run
  HostCpu host;
  RuntimeStats counters;
};
using StatsSamplePtr = std::shared_ptr<const StatsSample>;

} // namespace gantry::containers
