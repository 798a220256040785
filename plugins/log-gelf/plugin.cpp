#include <gantry/sdk/plugin.hpp>

#include "log-gelf/gelf_driver.hpp"

GANTRY_PLUGIN("io.gantry.log-gelf", "0.1.0", gantry::driver<gantry::log_gelf::GelfDriver>("gelf"))
