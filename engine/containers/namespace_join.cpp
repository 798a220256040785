#include "containers/namespace_join.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/syscall.h>

#include <algorithm>

#include "base/error.hpp"
#include "containers/driver_call.hpp"

namespace gantry::containers {
namespace {

constexpr std::string_view prefix = "container:";

bool has_ended(const UniqueFd& process) {
  pollfd wait{process.get(), POLLIN, 0};
  return ::poll(&wait, 1, 0) != 0;
}

/// The driver counts the container's processes now: what got the pid after the container's end is not among them.
bool belongs_to(Parts& parts, std::int32_t pid, const std::string& id) {
  DriverCall call;
  try {
    const auto processes = parts.drivers.runtime.processes(call, id);
    return std::find(processes.begin(), processes.end(), pid) != processes.end();
  } catch (const Error&) {
    return false;
  }
}

} // namespace

void resolve_joined(const Parts& parts, HostConfig& config) {
  for (std::string* mode : {&config.network_mode, &config.ipc_mode, &config.pid_mode}) {
    try {
      if (const ContainerPtr other = joined_container(parts, *mode)) *mode = std::string(prefix) + other->id;
    } catch (const Error& e) {
      if (e.code() != Code::not_found) throw;
    }
  }
}

ContainerPtr joined_container(const Parts& parts, const std::string& mode) {
  return mode.starts_with(prefix) ? parts.index.find(mode.substr(prefix.size()))->snapshot() : nullptr;
}

std::vector<ContainerPtr> joined_containers(const Parts& parts, const HostConfig& config) {
  std::vector<ContainerPtr> others;
  for (const std::string* mode : {&config.network_mode, &config.ipc_mode, &config.pid_mode}) {
    if (ContainerPtr other = joined_container(parts, *mode)) others.push_back(std::move(other));
  }
  return others;
}

JoinedNamespace open_namespace(Parts& parts, const Container& other, const char* kind) {
  const Error gone(Code::forbidden_state, "container " + other.id + " is not running");
  const UniqueFd process(static_cast<int>(::syscall(SYS_pidfd_open, other.pid, 0)));
  if (!process || !belongs_to(parts, other.pid, other.id)) throw gone;
  const std::string path = "/proc/" + std::to_string(other.pid) + "/ns/" + kind;
  auto fd = std::make_shared<UniqueFd>(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  // Alive after the namespace was opened: the pid was this process's all the time.
  if (!*fd || has_ended(process)) throw gone;
  return {fd, "/proc/" + std::to_string(::getpid()) + "/fd/" + std::to_string(fd->get())};
}

void check_joinable(const Container& self, const Container& other, std::string_view kind) {
  if (self.id == other.id) throw Error(Code::forbidden_state, "cannot join own " + std::string(kind) + " namespace");
  const bool running = is_running(other.phase) && other.pid != 0;
  if (kind == "net" && !running) {
    throw Error(Code::forbidden_state, "cannot join network namespace of a non running container: container " + other.name +
                                           " is " + std::string(docker_status(told_phase(other))));
  }
  const std::string ipc = kind == "ipc" ? "can't join IPC of container " + other.id + ": " : "";
  if (!running) throw Error(Code::forbidden_state, ipc + "container " + other.id + " is not running");
  const std::string& mode = other.host_config.ipc_mode;
  if (kind == "ipc" && (mode == "private" || mode == "none" || mode.empty())) {
    throw invalid(ipc + "non-shareable IPC (hint: use IpcMode:shareable for the donor container)");
  }
}

} // namespace gantry::containers
