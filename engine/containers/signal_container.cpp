#include "containers/signal_container.hpp"

#include "base/error.hpp"
#include "base/time.hpp"
#include "containers/prompt_call.hpp"

namespace gantry::containers {

void signal_container(Parts& parts, Entry& entry, int signal, bool unpause) {
  DriverCall call(prompt_ns);
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

void mark_end(Parts& parts, Entry& entry, EndRequest request, bool manually) {
  const ContainerPtr container = entry.snapshot();
  const EndRequest& known = container->history.end_request;
  const bool told = known.by == request.by && known.signal == request.signal;
  if (told && (container->manually_stopped || !manually)) return;
  request.time_ns = now_ns();
  parts.apply(entry, [&](Container& c) {
    c.manually_stopped = c.manually_stopped || manually;
    c.history.end_request = std::move(request);
  });
}

Task<void> wait_for_death(OutcomePtr exit, std::string id) {
  const bool dead = co_await exit->latch.wait_for(std::chrono::seconds(10));
  if (!dead)
    throw Error(Code::deadline_exceeded, "container " + id + ": tried to kill container, but did not receive an exit event");
}

} // namespace gantry::containers
