#include "base/error.hpp"
#include "containers/exec.hpp"
#include "containers/prompt_call.hpp"
#include "containers/terminal_size.hpp"

namespace gantry::containers {

Task<void> ContainerService::exec_resize(std::string exec_id, std::uint32_t rows, std::uint32_t cols) {
  const PartsPtr parts = impl_->parts;
  const ExecEntryPtr entry = parts->execs.find(exec_id);
  auto job = [parts, entry, rows, cols] {
    DriverCall call(prompt_ns);
    Exec exec;
    {
      const std::lock_guard lock(entry->guard);
      exec = entry->exec;
      // Clients resize when they have the stream, which is before the program is there.
      const bool early = !exec.running && !exec.exit_code && !entry->die_published;
      if (early) entry->early_size = {rows, cols};
      if (early) return;
    }
    if (!exec.running) throw Error(Code::forbidden_state, "Exec " + exec.id + " is not running");
    parts->drivers.runtime.resize(call, exec.container_id, exec.id, terminal_cells(rows), terminal_cells(cols));
  };
  co_await on(parts->pool, std::move(job));
}

} // namespace gantry::containers
