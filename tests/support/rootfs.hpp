#pragma once

#include <string>

#include "support/daemon.hpp"

namespace gantry::test {

/// Empty when busybox-static is there to make an image of, else the reason to skip.
std::string need_busybox();
/// Imports an image "busybox" with every applet linked into /bin, made of the machine's static busybox.
void import_busybox(const Daemon& daemon);

} // namespace gantry::test
