#include "containers/restart_policy.hpp"

#include <algorithm>

namespace gantry::containers {
namespace {

constexpr std::int64_t millisecond = 1'000'000, second = 1000 * millisecond;
constexpr std::int64_t first_delay = 100 * millisecond, longest_delay = 60 * second, good_run = 10 * second;

bool failed_with_tries_left(const Container& container) {
  const std::int64_t most = container.host_config.restart_policy.maximum_retry_count;
  return container.exit_code != 0 && (most == 0 || container.restart_count < most);
}

} // namespace

std::int64_t next_restart_delay(std::int64_t last_delay_ns, std::int64_t ran_ns) {
  if (last_delay_ns == 0 || ran_ns >= good_run) return first_delay;
  return std::min(last_delay_ns * 2, longest_delay);
}

bool wants_restart(const Container& container) {
  // A stop or kill that is meant to end the container cancels the restart by itself. What is left here are other signals, after
  // which only "unless-stopped" takes an exit for the user's wish.
  const std::string& policy = container.host_config.restart_policy.name;
  if (policy == "on-failure") return failed_with_tries_left(container);
  return policy == "always" || (policy == "unless-stopped" && !container.manually_stopped);
}

bool wants_start_at_boot(const Container& container) {
  // "always" and "on-failure" come back even after a manual stop: that is their difference to "unless-stopped".
  return container.started_ns != 0 && wants_restart(container); // else nobody has started it yet
}

} // namespace gantry::containers
