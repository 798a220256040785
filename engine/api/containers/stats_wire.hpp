#pragma once

#include <cstdint>

#include <gantry/sdk/runtime.hpp>

#include "base/json.hpp"
#include "containers/model.hpp"

namespace gantry::api {

/// Counters of one moment, with what the host's counters said then.
struct StatsSample {
  std::int64_t read_ns = 0; ///< 0: no sample
  std::uint64_t system_cpu_ns = 0;
  std::uint32_t cpus = 0;
  RuntimeStats counters;
};

/// All CPUs' time since boot and the number of online CPUs, from /proc/stat.
void read_host_cpu(StatsSample& sample);
/// One object of GET /containers/{id}/stats. `now` without a sample: the container does not run.
Json stats_json(const gantry::containers::Container& container, const StatsSample& now, const StatsSample& before);

} // namespace gantry::api
