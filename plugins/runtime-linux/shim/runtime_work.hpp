#pragma once

#include <gantry/sdk/fd.hpp>

#include "init/runtime_command.hpp"

namespace gantry::runtime_linux::shim {

class ConsoleSocket;

/// What an external runtime does for a process at the moment, and where its files are.
struct RuntimeWork {
  enum class Command { none, create, exec, start };

  RuntimeWork(int bundle_fd, const char* suffix) : files(suffix), bundle(bundle_fd) {}

  Command running = Command::none;
  int pid = 0; ///< of that command
  init::RuntimeFiles files;
  int bundle;                       ///< borrowed from the shim
  ConsoleSocket* console = nullptr; ///< until the terminal is there
  bool muted = true;                ///< what the pipes hold is the runtime's own, not the program's
};

/// A process of the shim that is going to be a command of the runtime; 0 in the child. `report` becomes the child's end and
/// `mine` the shim's end of their socket.
int clone_command(UniqueFd& mine, UniqueFd& report);

} // namespace gantry::runtime_linux::shim
