#include "base/error.hpp"
#include "containers/parts.hpp"
#include "containers/prompt_call.hpp"
#include "containers/ps_output.hpp"

namespace gantry::containers {

Task<TopResult> ContainerService::top(std::string reference, std::string ps_args) {
  const PartsPtr parts = impl_->parts;
  const EntryPtr entry = parts->index.find(reference);
  const ContainerPtr container = entry->snapshot();
  if (!is_running(container->phase)) {
    const bool waits = container->phase == Phase::restarting;
    if (waits)
      throw Error(Code::forbidden_state, "Container " + container->id + " is restarting, wait until the container is running");
    throw Error(Code::forbidden_state, "container " + container->id + " is not running");
  }
  auto job = [parts, container, args = ps_args.empty() ? "-ef" : ps_args] {
    DriverCall call(prompt_ns);
    const auto pids = parts->drivers.runtime.processes(call, container->id);
    TopResult result = parse_ps(run_ps(args), pids);
    parts->publish(*container, "top");
    return result;
  };
  co_return co_await on(parts->pool, std::move(job));
}

} // namespace gantry::containers
