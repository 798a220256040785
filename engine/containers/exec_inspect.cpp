#include "containers/exec.hpp"

namespace gantry::containers {

Exec ContainerService::exec_inspect(const std::string& exec_id) const {
  const ExecEntryPtr entry = impl_->parts->execs.find(exec_id);
  // A client asks for the exit code as soon as its stream has ended, which may be before the monitor's turn.
  settle_exec(*impl_->parts, *entry);
  const std::lock_guard lock(entry->guard);
  Exec exec = entry->exec;
  // Its client may have read what it says before the thread that launched it has been told that it runs.
  exec.running = exec.running || (exec.started && !exec.exit_code);
  return exec;
}

std::vector<std::string> ContainerService::exec_ids(const std::string& container_id) const {
  std::vector<std::string> ids;
  // One that was never started cannot be any more once its container has stopped.
  if (!is_running(find(container_id)->phase)) return ids;
  for (const auto& entry : impl_->parts->execs.of_container(container_id)) {
    const std::lock_guard lock(entry->guard);
    if (!entry->exec.exit_code) ids.push_back(entry->exec.id);
  }
  return ids;
}

} // namespace gantry::containers
