#include <gantry/sdk/plugin.hpp>

#include "driver/linux_driver.hpp"

GANTRY_PLUGIN("io.gantry.runtime-linux", "0.1.0", gantry::driver<gantry::runtime_linux::LinuxDriver>("linux"))
