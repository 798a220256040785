#include <gantry/sdk/plugin.hpp>

#include "local_driver.hpp"

GANTRY_PLUGIN("io.gantry.volume-local", "0.1.0", gantry::driver<gantry::volume_local::LocalDriver>("local"))
