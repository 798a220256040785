#include "base/error.hpp"
#include "containers/parts.hpp"
#include "containers/prompt_call.hpp"
#include "containers/terminal_size.hpp"

namespace gantry::containers {

Task<void> ContainerService::resize(std::string reference, std::uint32_t rows, std::uint32_t cols) {
  const PartsPtr parts = impl_->parts;
  const EntryPtr entry = parts->index.find(reference);
  const ContainerPtr container = entry->snapshot();
  if (!is_running(container->phase)) throw Error(Code::forbidden_state, "container " + container->id + " is not running");
  auto job = [parts, container, rows, cols] {
    DriverCall call(prompt_ns);
    // Without a terminal there is nothing to resize, which Docker does not mind.
    if (container->config.tty) parts->drivers.runtime.resize(call, container->id, "", terminal_cells(rows), terminal_cells(cols));
    parts->publish(*container, "resize", {{"height", std::to_string(rows)}, {"width", std::to_string(cols)}});
  };
  co_await on(parts->pool, std::move(job));
}

} // namespace gantry::containers
