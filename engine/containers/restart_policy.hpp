#pragma once

#include <cstdint>
#include <optional>

#include "containers/model.hpp"

namespace gantry::containers {

/// Back-off before the next start: 100 ms, doubled each time up to a minute, back to 100 ms after a run of 10 s.
std::int64_t next_restart_delay(std::int64_t last_delay_ns, std::int64_t ran_ns);
/// Whether the policy starts a container again that has just exited.
bool wants_restart(const Container&);
/// Whether it does when the daemon starts.
bool wants_start_at_boot(const Container&);

} // namespace gantry::containers
