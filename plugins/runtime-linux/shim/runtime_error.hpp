#pragma once

#include <cstddef>

#include "plan/control.hpp"

namespace gantry::runtime_linux::shim {

/// Why a command of an external runtime failed: the last error of its JSON log `name` in `directory`, else what it wrote to
/// `errors` (a pipe, -1: none), else its exit status. Sets the reason from the words that runtimes use for programs that
/// cannot be run.
InitReport runtime_error(int directory, const char* name, int errors, int wait_status);

} // namespace gantry::runtime_linux::shim
