#include <gantry/sdk/plugin.hpp>

#include "log-journald/journald_driver.hpp"

GANTRY_PLUGIN("io.gantry.log-journald", "0.1.0", gantry::driver<gantry::log_journald::JournaldDriver>("journald"))
