#pragma once

#include "config/option.hpp"

// The settings about external OCI runtimes and devices.
namespace gantry::config {

/// Docker's {"crun": {"path": "/usr/bin/crun", "runtimeArgs": ["--debug"]}}, as one JSON text.
void apply_runtimes(Config&, const Values&);
/// "crun=/usr/bin/crun".
void apply_added_runtimes(Config&, const Values&);
/// Absolute paths; a single empty one turns CDI off.
void apply_cdi_spec_dirs(Config&, const Values&);

/// After everything was read: Docker's names stand for the daemon's own runtime unless they are configured; others have to be.
void choose_default_runtime(Config&);

} // namespace gantry::config
