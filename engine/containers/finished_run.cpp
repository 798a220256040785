#include "containers/finished_run.hpp"

#include <algorithm>

#include "base/error.hpp"
#include "containers/memory_limit.hpp"
#include "containers/prompt_call.hpp"

namespace gantry::containers {
namespace {

/// Without it the run is remembered all the same.
void add_memory(Parts& parts, Run& run, const std::string& id) {
  DriverCall call(prompt_ns);
  try {
    const RuntimeStats stats = parts.drivers.runtime.stats(call, id);
    run.memory_limit = own_memory_limit(stats);
    run.memory_peak = std::max(stats.memory_max_usage, stats.memory_usage);
    run.memory_limit_hit =
        times_memory_limit_was_hit(stats) > 0 || (run.memory_limit != 0 && run.memory_peak >= run.memory_limit);
  } catch (const Error&) {
    return; // the driver cannot say
  }
}

Run run_of(const Container& container) {
  Run run;
  run.started_ns = container.started_ns;
  run.by_policy = container.history.start.by_policy;
  return run;
}

} // namespace

Run finished_run(Parts& parts, const Container& container, const RuntimeExit& exit) {
  Run run = run_of(container);
  run.finished_ns = exit.time_ns;
  run.exit_code = exit.code;
  run.signal = exit.signal;
  run.ended_by = ended_by(exit, container.history.end_request);
  // A program that ended well is not asked: containers that come and go by the thousand need not pay for it.
  if (exit.code != 0 || exit.oom_killed) add_memory(parts, run, container.id);
  return run;
}

Run lost_run(const Container& container) {
  Run run = run_of(container);
  run.finished_ns = container.finished_ns;
  run.exit_code = container.exit_code;
  run.ended_by = "lost";
  return run;
}

} // namespace gantry::containers
