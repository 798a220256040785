#include "containers/signal_container.hpp"

#include "base/error.hpp"
#include "containers/driver_call.hpp"

namespace gantry::containers {

void signal_container(Parts& parts, Entry& entry, int signal, bool unpause) {
  DriverCall call;
  const ContainerPtr container = entry.snapshot();
  try {
    parts.drivers.runtime.signal(call, {container->id, "", signal, false});
  } catch (const Error& e) {
    if (e.code() != Code::not_found) throw;
  }
  parts.publish(*container, "kill", {{"signal", std::to_string(signal)}});
  if (container->phase == Phase::paused && unpause) {
    parts.drivers.runtime.resume(call, container->id);
    parts.publish(*parts.apply(entry, [](Container& c) { c.phase = Phase::running; }), "unpause");
  }
}

void mark_stopped(Parts& parts, Entry& entry) {
  if (!entry.snapshot()->manually_stopped) parts.apply(entry, [](Container& c) { c.manually_stopped = true; });
}

Task<void> wait_for_death(OutcomePtr exit, std::string id) {
  const bool dead = co_await exit->latch.wait_for(std::chrono::seconds(10));
  if (!dead)
    throw Error(Code::deadline_exceeded, "container " + id + ": tried to kill container, but did not receive an exit event");
}

} // namespace gantry::containers
