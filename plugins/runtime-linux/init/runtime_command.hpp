#pragma once

#include "init/init.hpp"

// A command of an external OCI runtime: what runs between clone and its exec. These processes are children of the shim in
// the shim's own mount namespace; what they leave behind when they end is the container's process.
namespace gantry::runtime_linux::init {

/// Names in the bundle. `suffix` keeps the files of execs apart, "" for the container.
struct RuntimeFiles {
  explicit RuntimeFiles(const char* suffix);
  char config[64]; ///< config.json, or the process of an exec
  char pid[64];
  char log[64];
  char console[64]; ///< socket that gets the terminal
};

/// Mounts the root filesystem, writes config.json and becomes "RUNTIME create".
[[noreturn]] void run_runtime_create(const PlanView& plan, const RuntimeFiles& files, const Inherited& inherited);

/// Writes the process and becomes "RUNTIME exec"; `container_pid` lives in the root filesystem where names are looked up.
[[noreturn]] void run_runtime_exec(const PlanView& plan, const PlanView& container, int container_pid, const RuntimeFiles& files,
                                   const Inherited& inherited);

/// Becomes "RUNTIME start ID" or another command that takes an id, with `option` before it when there is one.
[[noreturn]] void run_runtime_command(const PlanView& container, const char* command, const char* option,
                                      const RuntimeFiles& files, int report);

} // namespace gantry::runtime_linux::init
