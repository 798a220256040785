#pragma once

#include "containers/spec.hpp"

namespace gantry::containers {

/// OCI mounts in the order in which they are performed: the kernel's filesystems, then volumes, binds, tmpfs and the
/// daemon's files, parents before children. A user's mount takes the place of a default one.
Json make_mounts(const HostConfig&, const SpecContext&, bool with_init);

/// Options of a tmpfs: Docker's defaults with the user's "size=1m,exec" over them. invalid for an unknown one.
StringList tmpfs_options(const std::string& text);

} // namespace gantry::containers
