#pragma once

#include "init/init.hpp"

namespace gantry::runtime_linux::init {

/// This process began as a copy of the shim. What that has open belongs to the host, and /proc/self/fd in a path of the
/// image (the working directory, the program) would lead there: only what is named in `inherited` stays open.
void close_inherited(const Inherited& inherited);

} // namespace gantry::runtime_linux::init
