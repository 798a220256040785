#pragma once

#include "init/init.hpp"

// A process of ours begins as a copy of the shim; these take away what it must not have of it.
namespace gantry::runtime_linux::init {

/// The shim blocks and ignores signals; a program expects neither.
void reset_signals();

/// What the shim has open belongs to the host, and /proc/self/fd in a path of the image (the working directory, the program)
/// would lead there.
void close_inherited(const Inherited& inherited);

/// The program's ends of its pipes become its stdio.
void use_pipes(const Inherited& inherited);

} // namespace gantry::runtime_linux::init
