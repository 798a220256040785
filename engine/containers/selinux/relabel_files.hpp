#pragma once

#include "containers/parts.hpp"

namespace gantry::containers {
struct VolumeMounts;
}

namespace gantry::containers::selinux {

/// Before a start: labels the engine's own files for the container, and the binds and volumes that ask for it ("z": for all
/// containers, "Z": for this one). Blocks as long as trees are large. Nothing to do where SELinux is off.
void relabel_files(Parts&, const Container&, const VolumeMounts&);
/// Only the binds and volumes.
void relabel_mounts(const Parts&, const Container&, const VolumeMounts&);

} // namespace gantry::containers::selinux
