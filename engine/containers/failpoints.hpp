#pragma once

#include <array>

#include "base/failpoint.hpp"

namespace gantry::containers {

/// Every failpoint of this folder, in the order an operation passes them, so that a test can kill the daemon at each.
inline constexpr std::array failpoints = {
    "create.before_prepare",     "create.after_directory", "create.after_prepare", "create.after_volumes",
    "create.after_row",          "start.after_starting",   "start.after_files",    "start.after_volumes",
    "start.after_create",        "start.after_join",       "start.after_attach",   "start.after_start",
    "start.after_running",       "stop.after_mark",        "stop.after_signal",    "stop.before_kill",
    "exit.after_leave",          "exit.before_state",      "exit.after_state",     "exit.after_die",
    "exit.after_runtime_remove", "remove.after_phase",     "remove.after_runtime", "remove.after_storage",
    "remove.after_directory",    "remove.after_volumes",   "remove.after_row",     "exec.after_row",
    "exec.after_exec",           "update.after_mark",      "update.after_kernel",  "update.after_unmount",
    "update.after_volumes",      "update.after_mount",     "update.after_store",
};

} // namespace gantry::containers
