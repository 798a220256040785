#include "plugins/process_state.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>

#include <gantry/sdk/fd.hpp>

namespace gantry::plugins {

namespace {

/// umask(2) cannot be asked without being set, which other threads would see; /proc has it (proc(5)).
unsigned current_umask() {
  const UniqueFd status(::open("/proc/self/status", O_RDONLY | O_CLOEXEC));
  char text[256] = {};
  if (!status || ::read(status.get(), text, sizeof text - 1) <= 0) return 0;
  const char* line = std::strstr(text, "\nUmask:");
  return line == nullptr ? 0 : static_cast<unsigned>(std::strtoul(line + 7, nullptr, 8));
}

} // namespace

ProcessState ProcessState::now() {
  ProcessState state;
  struct stat info {};
  if (::stat(".", &info) == 0) {
    state.cwd_device_ = info.st_dev;
    state.cwd_ = info.st_ino;
  }
  if (::stat("/proc/thread-self/ns/net", &info) == 0) state.network_ = info.st_ino;
  state.umask_ = current_umask();
  struct sigaction on_child {};
  ::sigaction(SIGCHLD, nullptr, &on_child);
  state.on_child_ = reinterpret_cast<const void*>(on_child.sa_handler);
  return state;
}

std::string ProcessState::difference(const ProcessState& later) const {
  if (cwd_ != later.cwd_ || cwd_device_ != later.cwd_device_) return "the working directory";
  if (umask_ != later.umask_) return "the umask";
  if (on_child_ != later.on_child_) return "the handler of SIGCHLD";
  if (network_ != later.network_) return "the network namespace of its thread";
  return "";
}

} // namespace gantry::plugins
