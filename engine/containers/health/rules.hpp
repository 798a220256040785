#pragma once

#include <cstdint>
#include <optional>

#include "containers/health/probe_target.hpp"
#include "containers/model.hpp"

// Docker's rules of health, without time and processes: what is probed, when, and what a result means.
namespace gantry::containers {

/// Either a command in the container or an address in its network.
struct Probe {
  StringList command;
  std::optional<ProbeTarget> target;
};

/// Nothing when the container has no check.
std::optional<Probe> probe_of(const Container&);

/// The container's own values, or Docker's: 30 s, 30 s, 0 s, 5 s, 3.
struct HealthTiming {
  std::int64_t interval_ns, timeout_ns, start_period_ns, start_interval_ns, retries;
};
HealthTiming health_timing(const Container&);

/// Time from one probe (or the start) to the next. `ran_ns`: since the container's start.
std::int64_t next_probe_delay(const HealthTiming&, HealthStatus, std::int64_t ran_ns);

/// A container begins to run: nothing is known yet; the log stays. Removes what is left of a check that it has no more.
void begin_health(Container&);
/// Nobody probes any more: the container is paused or has ended. Docker calls that unhealthy.
void suspend_health(Container&);
/// What one more result makes of it. Failures within the start period do not count until it was healthy once.
HealthPtr with_result(const Container&, ProbeResult);
/// Whether the last result leaves it unhealthy by its own doing: not because it is paused or stopped.
bool has_failed(const Container&);

} // namespace gantry::containers
